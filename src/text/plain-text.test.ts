import { expect, test } from 'vitest';
import { readPlainText } from './plain-text';

const read = (text: string, title = 'Bread') => readPlainText(text, { id: 'n1', url: '/n/1', title });

test('cuts paragraphs at blank lines and joins their lines', () => {
  expect(read('Mix flour\nand water.\n\n\n  Knead.\r\n \r\nBake.')).toEqual({
    id: 'n1',
    url: '/n/1',
    title: 'Bread',
    description: '',
    language: '',
    canonical: null,
    noindex: false,
    sections: [{ headings: [], anchor: null, blocks: ['Mix flour and water.', 'Knead.', 'Bake.'] }],
  });
});

test('begins sections at # headings and keeps their path', () => {
  const { sections } = read('intro\n# Dough\na\n### Flour ###\nb\n## Water\n# Oven\nc');
  expect(sections.map(({ headings, blocks }) => [headings, blocks])).toEqual([
    [[], ['intro']],
    [['Dough'], ['a']],
    [['Dough', 'Flour'], ['b']],
    [['Dough', 'Water'], []],
    [['Oven'], ['c']],
  ]);
});

test('does not repeat the title in the trails', () => {
  const { sections } = read('# Bread\na\n## Dough\nb');
  expect(sections.map(({ headings }) => headings)).toEqual([[], ['Dough']]);
});

test('takes the first heading for the title where none is given', () => {
  const document = read('# Soup\nhot', ' ');
  expect(document.title).toBe('Soup');
  expect(document.sections).toEqual([{ headings: [], anchor: null, blocks: ['hot'] }]);
});

test('takes no heading out of fenced code or out of words that only begin with #', () => {
  const { sections } = read(
    'Run:\n```sh\n# not a heading\n\n  make  all\n```\n#hashtag\n\n~~~\nopen to the end',
  );
  expect(sections).toEqual([
    {
      headings: [],
      anchor: null,
      blocks: ['Run:', '# not a heading\n\n  make  all', '#hashtag', 'open to the end'],
    },
  ]);
});

test('gives no section for a text without words', () => {
  expect(read(' \n\n\u200b\n').sections).toEqual([]);
});
