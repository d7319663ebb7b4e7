/**
 * What a page may set on <nearbit-search>, and the addresses that follow from it.
 * In: attributes, properties. Out: a base class with the defaults. Deliberately not here: behaviour (nearbit-search.ts).
 */
import type { Tier } from '../types';
import { LitElement } from './lit';
import type { SearchIndex } from './session';
import { english, type Strings } from './strings';

/** The folder above the engine's; '' when a bundler has moved this script. Not `new URL`: bundlers would look for that file. */
const ownFolder = /^https?:/.test(import.meta.url) ? import.meta.url.replace(/[^/]*\/[^/]*$/, '') : '';

/** Attributes and properties of the search box. */
export class SearchAttributes extends LitElement {
  static override properties = {
    src: {},
    base: {},
    tier: {},
    limit: { type: Number },
    placeholder: {},
    shortcuts: {},
    inline: { type: Boolean, reflect: true },
    strings: { attribute: false },
    index: { attribute: false },
  };
  /** Folder of the index. Default: the folder above this script's. */
  declare src: string;
  /** Root of the site that was indexed. Default: the folder above `src`. */
  declare base: string;
  /** Deepest tier; `lexical` never loads a model. Default `full`. */
  declare tier: Tier;
  /** Pages listed. Default 10, 1 to 100. */
  declare limit: number;
  /** Replaces the string of that name. */
  declare placeholder: string;
  /** Keys that bring the focus here, separated by spaces; '' for none. Default `mod+k /`. */
  declare shortcuts: string;
  /** The hits stand in the page's flow and stay when the focus leaves, instead of over the page. */
  declare inline: boolean;
  /** Words that replace the English ones. */
  declare strings: Partial<Strings>;
  /** An open index to use in place of `src`; whoever set it closes it. */
  declare index: SearchIndex | null;

  constructor() {
    super();
    this.src = ownFolder;
    this.base = '';
    this.tier = 'full';
    this.limit = 10;
    this.placeholder = '';
    this.shortcuts = 'mod+k /';
    this.inline = false;
    this.strings = {};
    this.index = null;
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
