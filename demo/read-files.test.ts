import { expect, test } from 'vitest';
import { pickFiles } from './read-files';

const file = (name: string, size = 10) => ({ name, size, webkitRelativePath: '' }) as File;

test('text, Markdown and HTML are taken, the rest is named with its reason', () => {
  const { files, leftOut } = pickFiles([
    file('a.txt'),
    file('B.MD'),
    file('c.htm'),
    file('d.html'),
    file('photo.png'),
    file('html'),
    file('war-and-peace.txt', 6e6),
  ]);
  expect(files.map(({ name }) => name)).toEqual(['a.txt', 'B.MD', 'c.htm', 'd.html']);
  expect(leftOut).toEqual([
    'photo.png: not .txt, .md or .html',
    'html: not .txt, .md or .html',
    'war-and-peace.txt: larger than 5 MB',
  ]);
});

test('a huge folder is read up to a limit, which is said', () => {
  const { files, leftOut } = pickFiles(Array.from({ length: 2010 }, (_, i) => file(`${i}.txt`)));
  expect(files).toHaveLength(2000);
  expect(leftOut).toEqual(['10 more files: only the first 2000 are read']);
});
