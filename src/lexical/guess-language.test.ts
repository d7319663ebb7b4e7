import { expect, test } from 'vitest';
import { LanguageGuesser } from './guess-language';

test.each([
  ['en', 'The bread is ready when it sounds hollow and the crust has browned on all sides.'],
  ['de', 'Das Brot ist fertig, wenn es hohl klingt und die Kruste auf allen Seiten braun ist.'],
  ['fr', 'Le pain est prêt quand il sonne creux et que la croûte est dorée sur les côtés.'],
  ['es', 'El pan está listo cuando suena hueco y la corteza se ha dorado por todos los lados.'],
  ['ru', 'Хлеб готов, когда он звучит пусто, и корочка на нём со всех сторон подрумянилась.'],
])('tells %s from a sentence', async (language, text) => {
  expect((await LanguageGuesser.load()).guess(text)).toBe(language);
});

test('says nothing of code, of Chinese, or of nothing', async () => {
  const guesser = await LanguageGuesser.load();
  for (const text of ['const x = y.map(f).reduce(g)', '面包烤好时听起来是空心的', ''])
    expect(guesser.guess(text)).toBe('');
});

test('takes a text too short to tell for the language of those before it', async () => {
  const guesser = await LanguageGuesser.load();
  guesser.guess('Das Brot ist fertig, wenn es hohl klingt und die Kruste auf allen Seiten braun ist.');
  expect(guesser.guess('Brot und Käse')).toBe('de');
});
