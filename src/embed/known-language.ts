/**
 * Whether a model was made for a language.
 * In: a model's card, a BCP 47 tag. Out: yes or no; a model that names no languages takes any, and a page that names none
 * gets the benefit of the doubt.
 * A file of its own, because search asks it and must not carry the reading of model folders along.
 */
import type { ModelCard } from '../types';

export function knowsLanguage({ languages }: Pick<ModelCard, 'languages'>, tag: string): boolean {
  return tag === '' || languages === undefined || languages.includes(baseLanguage(tag));
}

/** `en` of `en-GB`. */
export function baseLanguage(tag: string): string {
  return tag.toLowerCase().split(/[-_]/)[0]!;
}
