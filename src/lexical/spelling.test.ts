import { expect, test } from 'vitest';
import { respellings } from './spelling';

const from = (typed: string) => new Set(respellings(typed, 'abcdefghijklmnopqrstuvwxyz'));

test('a word is reached from each kind of typing error', () => {
  for (const typed of ['elemen', 'elment', 'elementt', 'elemeent', 'elemant', 'elemetn'])
    expect(from(typed), typed).toContain('element');
});

test('the first letter stays, and two errors are too many', () => {
  for (const typed of ['lement', 'slement', 'leement', 'elmeentt', 'elamant'])
    expect(from(typed), typed).not.toContain('element');
});

test('nothing but the letters given is tried', () => {
  expect([...new Set(respellings('ab', 'x'))].sort()).toEqual(['a', 'ab', 'abx', 'ax', 'axb']);
});
