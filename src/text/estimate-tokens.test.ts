/**
 * The guess at word pieces, beside real ones.
 * In: texts of several kinds. Out: a count that is near, and seldom too low. Whole corpora: the figures in ARCHITECTURE.md.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createTokenizer } from '../embed/tokenizer';
import { estimateTokens } from './estimate-tokens';

const folder = join(import.meta.dirname, '../../models/all-MiniLM-L6-v2');
const json = (name: string) => JSON.parse(readFileSync(join(folder, name), 'utf8'));
const tokenizer = createTokenizer(json('tokenizer.json'), json('tokenizer_config.json'));

const texts: [string, string][] = [
  [
    'English',
    'The bread of the village was baked in a stone oven, which had been built by the grandfather of the baker in 1897. It is still in use, and on Saturdays you can watch how it is done.',
  ],
  [
    'German',
    'Das Brot des Dorfes wurde in einem steinernen Ofen gebacken, den der Großvater des Bäckers gebaut hatte. Die Hauptversammlung des Bäckereiverbandes findet deshalb jährlich statt.',
  ],
  [
    'Spanish',
    'El pan del pueblo se cocía en un horno de piedra que había construido el abuelo del panadero hace muchos años.',
  ],
  [
    'code',
    'const observer = new IntersectionObserver((entries) => {\n  for (const { isIntersecting, target } of entries) target.classList.toggle("visible", isIntersecting);\n}, { rootMargin: "0px 0px -10% 0px" });',
  ],
  ['Chinese', '面包是用面粉、水和盐做成的，需要时间。每个星期六，人们都可以看到面包是怎样烤出来的。'],
  [
    'Japanese',
    'パンを焼くには、小麦粉、水、塩、そして時間が必要である。まず粉と水を混ぜ、三十分ほど休ませる。',
  ],
];

test.each(texts)('%s is guessed within a quarter, and hardly ever too low', (_, text) => {
  const ratio = estimateTokens(text) / tokenizer.countTokens(text);
  expect(ratio).toBeGreaterThan(0.94);
  expect(ratio).toBeLessThan(1.25);
});

test('no text has no pieces, and every character that is no blank has a part in one', () => {
  expect(estimateTokens('')).toBe(0);
  expect(estimateTokens(' \n\t')).toBe(0);
  for (const text of ['a', '7', '🥖', '面', '—', 'ё', '\u0301'])
    expect(estimateTokens(text)).toBeGreaterThanOrEqual(1);
});

test('a long stretch without blanks costs no more than its length', () => {
  expect(estimateTokens('a'.repeat(100_000))).toBeLessThan(100_000);
  expect(estimateTokens('0'.repeat(100_000))).toBeLessThan(100_000);
});
