/**
 * The only file that imports lit.
 * In: nothing. Out: the five names the element is written with.
 */
export { css, html, LitElement, nothing, type TemplateResult } from 'lit';
