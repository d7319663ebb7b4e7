/** Runs once before the tests: the site is indexed. In and out: see site.ts. */
import { prepareSite } from './site';

// Playwright asks for a default export here.
export default prepareSite;
