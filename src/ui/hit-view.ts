/**
 * One page of the list: a row for the page, a row for each passage.
 * In: a hit. Out: a template of text nodes, <mark> and links; nothing from an index is ever parsed as HTML.
 */
import type { Hit, HitPassage } from '../types';
import { excerpt, markSegments, type Segment } from './excerpt';
import { html, nothing, type TemplateResult } from './lit';
import { rowLink, rowsOf } from './rows';

/** About two lines on a desk, four on a phone. Units: UTF-16 code units. */
const excerptLength = 200;

/** `active`: id of the row that has the focus. */
export function hitView(hit: Hit, active: string | null, siteRoot: string): TemplateResult {
  return html`<div role="group" part="page" aria-label=${hit.title || hit.url}>
    ${rowsOf([hit]).map((row) => {
      const kind = row.passage ? 'passage' : 'title';
      const selected = row.id === active;
      return html`<a
        role="option"
        id=${row.id}
        part=${selected ? `${kind} active` : kind}
        class=${kind}
        aria-selected=${selected}
        tabindex="-1"
        href=${rowLink(row, siteRoot) || nothing}
        dir="auto"
        >${row.passage ? passageText(row.passage, hit.title) : titleText(hit)}</a
      >`;
    })}
  </div>`;
}

function titleText({ title, titleMarks, url }: Hit) {
  return title ? segmentsView(markSegments(title, titleMarks)) : url;
}

function passageText({ heading, text, marks, quote }: HitPassage, title: string) {
  const top = heading && heading !== title ? html`<span class="heading">${heading}</span>` : nothing;
  return html`${top}<span class="text">${segmentsView(excerpt(text, marks, excerptLength, quote))}</span>`;
}

function segmentsView(segments: Segment[]) {
  return segments.map(({ text, marked }) => (marked ? html`<mark part="mark">${text}</mark>` : text));
}
