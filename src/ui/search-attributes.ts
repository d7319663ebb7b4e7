/**
 * What a page may set on <nearbit-search>, and the addresses that follow from it.
 * In: attributes, properties. Out: a base class with the defaults. Deliberately not here: behaviour (nearbit-search.ts).
 */
import type { Tier } from '../types';
import type { SearchIndex } from './session';
import { english, type Strings } from './strings';

/** The folder above the engine's; '' when a bundler has moved this script. Not `new URL`: bundlers would look for that file. */
const ownFolder = /^https?:/.test(import.meta.url) ? import.meta.url.replace(/[^/]*\/[^/]*$/, '') : '';

/** Attributes: the property of that name has this value while it is not set. */
const attributes = {
  src: ownFolder,
  base: '',
  tier: 'full' as Tier,
  limit: 10,
  placeholder: '',
  shortcuts: 'mod+k /',
  reranker: '',
  inline: false,
};
const properties = { ...attributes, strings: {}, index: null };
const names = Object.keys(properties) as (keyof typeof properties)[];

/** Attributes and properties of the search box; properties are accessors of the prototype. */
export abstract class SearchAttributes extends HTMLElement {
  static readonly observedAttributes = Object.keys(attributes);
  /** Folder of the index. Default: the folder above this script's. */
  declare src: string;
  /** Root of the site that was indexed. Default: the folder above `src`. */
  declare base: string;
  /**
   * Deepest tier. `lexical` and `instant` never load a model; `instant` loads one more script and no worker, and needs an index
   * with that tier. Default `full`, which answers by the instant tier until the model is ready, where the index has it.
   */
  declare tier: Tier;
  /** Pages listed. Default 10, 1 to 100. */
  declare limit: number;
  /** Replaces the string of that name. */
  declare placeholder: string;
  /** Keys that bring the focus here, separated by spaces; '' for none. Default `mod+k /`. */
  declare shortcuts: string;
  /** Folder of a cross-encoder on this origin, which puts the first pages in a new order; '' for none. */
  declare reranker: string;
  /** The hits stand in the page's flow and stay when the focus leaves, instead of over the page. */
  declare inline: boolean;
  /** Words that replace the English ones. */
  declare strings: Partial<Strings>;
  /** An open index to use in place of `src`; whoever set it closes it. */
  declare index: SearchIndex | null;

  #values: Record<string, unknown> = { ...properties };

  static {
    for (const name of names) {
      Object.defineProperty(SearchAttributes.prototype, name, {
        get(this: SearchAttributes) {
          return this.#values[name];
        },
        set(this: SearchAttributes, value: unknown) {
          const before = this.#values[name];
          if (value === before) return;
          this.#values[name] = value;
          if (name === 'inline') this.toggleAttribute(name, !!value);
          this.changed(name, before);
        },
      });
    }
  }

  /** A property has a new value. */
  protected abstract changed(name: string, before: unknown): void;

  attributeChangedCallback(name: keyof typeof attributes, _: string | null, text: string | null): void {
    const unset = attributes[name];
    let value: unknown = text ?? unset;
    if (name === 'limit') value = Number(value);
    if (name === 'inline') value = text !== null;
    Object.assign(this, { [name]: value });
  }

  connectedCallback(): void {
    // What was set before the element was defined lies on the instance and would hide the accessor.
    for (const name of names) {
      const own = Object.getOwnPropertyDescriptor(this, name);
      if (!own) continue;
      Reflect.deleteProperty(this, name);
      Object.assign(this, { [name]: own.value });
    }
  }

  /** The words in use. */
  protected get words(): Strings {
    const strings = { ...english, ...this.strings };
    return this.placeholder ? { ...strings, placeholder: this.placeholder } : strings;
  }

  /** The index's folder, as an address that ends with a slash. */
  protected get source(): string {
    return new URL(this.src || '/nearbit/', document.baseURI).href.replace(/\/?$/, '/');
  }

  /** What the paths of pages are relative to. */
  protected get siteRoot(): string {
    return new URL(this.base || '..', this.base ? document.baseURI : this.source).href;
  }
}
