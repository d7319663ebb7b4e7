/**
 * The element's style sheet; constructed and adopted, so that a strict `style-src 'self'` holds.
 * Colours come from the page's own colour scheme through system colours. Custom properties a site may set:
 * --nearbit-{accent,background,text,muted,border,mark,radius,font,panel-height,z-index}. Parts: box, input, clear,
 * progress, panel, page, title, passage, active, mark, foot, load, message.
 * Inputs with text below 16 px make iOS zoom the page, hence the max() there.
 */
export const styles = new CSSStyleSheet();
styles.replaceSync(`
  :host {
    --_accent: var(--nearbit-accent, LinkText);
    --_background: var(--nearbit-background, Canvas);
    --_text: var(--nearbit-text, CanvasText);
    --_muted: var(--nearbit-muted, color-mix(in srgb, var(--_text) 70%, var(--_background)));
    --_border: var(--nearbit-border, color-mix(in srgb, var(--_text) 45%, var(--_background)));
    --_line: color-mix(in srgb, var(--_text) 12%, var(--_background));
    --_mark: var(--nearbit-mark, color-mix(in srgb, var(--_accent) 22%, var(--_background)));
    --_active: color-mix(in srgb, var(--_accent) 10%, var(--_background));
    --_radius: var(--nearbit-radius, 0.6em);
    display: block;
    position: relative;
    color: var(--_text);
    font: var(--nearbit-font, inherit);
    line-height: 1.45;
    text-align: start;
  }
  :host([hidden]) {
    display: none;
  }
  * {
    box-sizing: border-box;
  }

  .box {
    container-type: inline-size;
    display: flex;
    align-items: center;
    position: relative;
    overflow: hidden;
    min-block-size: 2.75em;
    border: 1px solid var(--_border);
    border-radius: var(--_radius);
    background: var(--_background);
  }
  .box:focus-within {
    outline: 2px solid var(--_accent);
    outline-offset: 1px;
  }
  svg {
    flex: none;
    inline-size: 1.1em;
    margin-inline: 0.9em 0;
    color: var(--_muted);
  }
  input {
    flex: 1;
    min-inline-size: 0;
    align-self: stretch;
    padding: 0 0.7em;
    border: 0;
    outline: 0;
    background: none;
    color: inherit;
    font: inherit;
  }
  input::placeholder {
    color: var(--_muted);
    opacity: 1;
  }
  button {
    border: 0;
    background: none;
    color: inherit;
    font: inherit;
    cursor: pointer;
  }
  .clear {
    align-self: stretch;
    inline-size: 2.75em;
    color: var(--_muted);
  }
  kbd {
    margin-inline-end: 0.9em;
    padding: 0 0.45em;
    border: 1px solid var(--_line);
    border-radius: 0.3em;
    color: var(--_muted);
    font: inherit;
    font-size: 0.8em;
    pointer-events: none;
  }
  .progress {
    flex: none;
    margin-inline-end: 0.9em;
    color: var(--_muted);
    font-size: 0.8em;
    font-variant-numeric: tabular-nums;
  }
  progress {
    position: absolute;
    inset-inline: 0;
    inset-block-end: 0;
    inline-size: 100%;
    block-size: 3px;
    border: 0;
    appearance: none;
    background: var(--_line);
  }
  progress::-webkit-progress-bar {
    background: var(--_line);
  }
  progress::-webkit-progress-value {
    background: var(--_accent);
    transition: inline-size 0.2s;
  }
  progress::-moz-progress-bar {
    background: var(--_accent);
  }

  .panel {
    position: absolute;
    inset-inline: 0;
    z-index: var(--nearbit-z-index, 100);
    display: flex;
    flex-direction: column;
    max-block-size: var(--nearbit-panel-height, min(34rem, 70dvh));
    margin-block-start: 0.4em;
    border: 1px solid var(--_border);
    border-radius: var(--_radius);
    background: var(--_background);
    box-shadow: 0 0.6em 2em rgb(0 0 0 / 0.18);
  }
  :host([inline]) .panel {
    position: static;
    block-size: var(--nearbit-panel-height, auto);
    max-block-size: var(--nearbit-panel-height, none);
    box-shadow: none;
    border-color: var(--_line);
  }
  [hidden] {
    display: none;
  }
  .list:not([hidden]) + .foot {
    border-block-start: 1px solid var(--_line);
  }
  .list {
    flex: 1;
    overflow-y: auto;
    overscroll-behavior: contain;
    scroll-padding-block: 0.5em;
  }
  [part='page'] {
    padding-block: 0.5em;
  }
  [part='page'] + [part='page'] {
    border-block-start: 1px solid var(--_line);
  }
  [role='option'] {
    display: block;
    padding: 0.3em 1em;
    color: inherit;
    text-decoration: none;
    overflow-wrap: anywhere;
    border-inline-start: 3px solid transparent;
    -webkit-tap-highlight-color: transparent;
  }
  [aria-selected='true'] {
    background: var(--_active);
    border-inline-start-color: var(--_accent);
  }
  .title {
    font-weight: 650;
    color: var(--_accent);
  }
  .passage {
    padding-inline-start: 1.8em;
    font-size: 0.9em;
  }
  .heading {
    display: block;
    font-weight: 600;
  }
  .text {
    color: var(--_muted);
  }
  mark {
    border-radius: 0.2em;
    padding-inline: 0.1em;
    background: var(--_mark);
    color: var(--_text);
  }

  .foot {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 0.2em 1em;
    min-block-size: 2.4em;
    padding: 0.35em 1.3em;
    color: var(--_muted);
    font-size: 0.85em;
  }
  .notice {
    flex-basis: 100%;
  }
  .load {
    padding: 0.3em 0;
    color: var(--_accent);
    text-decoration: underline;
    text-align: start;
  }
  .message {
    margin: 0;
    padding: 0.8em 1em;
    border-inline-start: 3px solid #d32f2f;
    overflow-wrap: anywhere;
  }
  .unseen {
    position: absolute;
    inline-size: 1px;
    block-size: 1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }

  @container (max-width: 26rem) {
    .loading,
    kbd {
      display: none;
    }
  }
  @media (pointer: coarse) {
    .box,
    [role='option'],
    .load {
      min-block-size: 44px;
    }
    [role='option'] {
      padding-block: 0.65em;
    }
    .clear {
      min-inline-size: 44px;
    }
    input {
      font-size: max(16px, 1em);
    }
    kbd {
      display: none;
    }
  }
  @media (prefers-reduced-motion: reduce) {
    progress::-webkit-progress-value {
      transition: none;
    }
  }
  @media (forced-colors: active) {
    [role='option'] {
      border-color: Canvas;
    }
    [aria-selected='true'] {
      outline: 2px solid Highlight;
      outline-offset: -2px;
    }
    mark {
      background: Mark;
      color: MarkText;
    }
    progress {
      border: 1px solid CanvasText;
    }
  }
`);
