/** What bench/peers/chromium.ts calls in the page. */
import type { race } from './race';

declare global {
  interface Window {
    race?: typeof race;
  }
}

// Imported when called, so that a source that cannot be loaded fails the call and not the page.
window.race = async (name, options) => (await import('./race')).race(name, options);
