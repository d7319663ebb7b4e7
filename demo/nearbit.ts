/**
 * The package, as any page with a bundler imports it; importing this also defines <nearbit-search>.
 * In: nothing. Out: what the demo uses of nearbit.
 */
import 'nearbit/element';

export type { Answer, DocumentMessage, Hit, HitPassage, Manifest, Status } from 'nearbit';
export { type NearbitIndex, openIndex } from 'nearbit';
