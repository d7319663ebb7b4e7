/**
 * The library, as `nearbit model` laid it down beside this page (nearbit/engine/), types from the package.
 * In: nothing. Out: what this app uses of it. With a bundler of your own: the same import, and `model: './nearbit/'` below.
 */
export type { Answer, Filter, Hit, LiveIndex, Mark } from 'nearbit';
export { openIndex } from 'nearbit';
