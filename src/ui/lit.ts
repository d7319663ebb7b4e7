/**
 * The only file that imports lit: its templates alone, as the element is a plain one.
 * In: nothing. Out: the four names that the view is written with.
 */
export { html, nothing, render, type TemplateResult } from 'lit/html.js';
