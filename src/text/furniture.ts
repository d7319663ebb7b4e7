/**
 * Which parts of a page are not its content.
 * In: an element. Out: whether it and all inside it are left out of the index.
 * Kept on purpose: `details` (the reader opens it), `hidden=until-found` (made to be found), `form` and `label` (some
 * systems wrap the whole page in a form), `header` inside the content (it holds the page's title and lead).
 */
import { attribute, type Element } from './tree';

/**
 * Navigation and asides, code and fallbacks that are never shown, drawings, controls; `rt` and `rp` would stand inside
 * words, `annotation` repeats a formula in TeX.
 */
const tags = new Set(
  (
    'nav footer aside search script style noscript template svg iframe object audio video canvas button select ' +
    'input textarea datalist meter progress noframes noembed rp rt annotation annotation-xml title'
  ).split(' '),
);

/** Of a `div`: the navigation of DocBook's pages, the bars and the sidebar of Sphinx's, which older versions give no role. */
const classes = new Set(['navheader', 'navfooter', 'related', 'sphinxsidebar']);

const roles = new Set(['navigation', 'banner', 'contentinfo', 'complementary', 'search']);

/**
 * True when an element is furniture. `insideContent`: it stands in `main`, `article` or `section`, where a `header`
 * introduces the content and is no banner (ARIA in HTML).
 */
export function isFurniture(element: Element, insideContent: boolean): boolean {
  const tag = element.tagName;
  if (tags.has(tag)) return true;
  for (const { name, value } of element.attrs) {
    switch (name) {
      case 'hidden':
        if (value.toLowerCase() !== 'until-found') return true;
        break;
      case 'aria-hidden':
        if (value === 'true') return true;
        break;
      case 'role':
        if (roles.has(value.trim().toLowerCase())) return true;
        break;
      case 'class':
        if (tag === 'div' && value.split(/\s+/).some((name) => classes.has(name))) return true;
        break;
      case 'popover':
      case 'data-nearbit-ignore':
      case 'data-pagefind-ignore':
        return true;
    }
  }
  if (tag === 'header') return !insideContent;
  return tag === 'dialog' && attribute(element, 'open') === undefined;
}
