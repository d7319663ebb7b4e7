import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FormatError } from '../errors';
import { decodeCards, encodeCards } from './card-part';
import type { Card } from './instant-shape';

// Neither NUL, which becomes U+FFFD, nor half a surrogate pair, which UTF-8 cannot write.
const text = () => fc.string({ unit: 'binary', maxLength: 40 }).map((value) => value.replaceAll('\0', ''));
const named = () => text().filter((value) => value !== '');

const cards: fc.Arbitrary<Card[]> = fc.array(
  fc.record({
    id: named(),
    url: named(),
    title: text(),
    description: text(),
    passages: fc.array(
      fc.record({
        heading: text(),
        anchor: fc.option(named(), { nil: null }),
        text: text(),
        isCut: fc.boolean(),
      }),
      { maxLength: 4 },
    ),
  }),
  { maxLength: 5 },
);

const sample: Card[] = [
  {
    id: '/bread/',
    url: '/bread/',
    title: 'Bread',
    description: '',
    passages: [
      { heading: '', anchor: null, text: 'Flour, water,\nsalt and time.', isCut: false },
      { heading: 'Kneading', anchor: 'kneading', text: 'Knead the dough 🥖', isCut: true },
    ],
  },
  { id: 'käse', url: '/k%C3%A4se/', title: 'Käse', description: 'Reift im Keller.', passages: [] },
];

describe('a cards part', () => {
  it('gives back its cards, whatever they hold', () => {
    expect(decodeCards(encodeCards(sample), 'cards')).toEqual(sample);
    expect(decodeCards(encodeCards([]), 'cards')).toEqual([]);
    fc.assert(
      fc.property(cards, (given) => {
        expect(decodeCards(encodeCards(given), 'cards')).toEqual(given);
      }),
    );
  });

  it('reads NUL as HTML does', () => {
    const [card] = decodeCards(encodeCards([{ ...sample[0]!, title: 'Br\0ead' }]), 'cards');
    expect(card!.title).toBe('Br\ufffdead');
  });

  it('is refused by name where it ends in the middle of a card', () => {
    const payload = encodeCards(sample);
    const firstCard = encodeCards(sample.slice(0, 1)).length;
    for (let length = 1; length < payload.length; length++)
      if (length !== firstCard)
        expect(() => decodeCards(payload.subarray(0, length), 'cards-0.bin part 1')).toThrow(FormatError);
    expect(() => decodeCards(payload.subarray(0, 20), 'cards-0.bin part 1')).toThrow(
      /^Cannot read cards-0\.bin part 1: expected whole cards, received 20 bytes beginning/,
    );
  });
});
