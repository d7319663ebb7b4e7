/** The room's door: what other rooms use of it. */
export { readHtml } from './html';
export { pageKey } from './links';
export { normaliseText } from './normalise';
export { cutPassages, fitTitle, passageInput } from './passages';
export { readPlainText } from './plain-text';
