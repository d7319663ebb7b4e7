import { expect, test } from 'vitest';
import { makeAnswer, makeHit } from './fake-index.fixture';
import { HitList, holdInPlace, sameOrder } from './hit-list';
import { rowsOf } from './rows';

const hits = (...ids: string[]) => ids.map((id) => makeHit(id));
const ids = (list: readonly { id: string }[]) => list.map((hit) => hit.id);

test('without a held row the better order is shown as it is', () => {
  expect(ids(holdInPlace(hits('/a', '/b'), hits('/c', '/b', '/a'), null))).toEqual(['/c', '/b', '/a']);
});

test('a held row and all above it stay, better hits follow below it', () => {
  expect(ids(holdInPlace(hits('/a', '/b', '/c'), hits('/x', '/c', '/b', '/a'), '/b'))).toEqual([
    '/a',
    '/b',
    '/x',
    '/c',
  ]);
});

test('a held row stays even when the better order does not know it', () => {
  expect(ids(holdInPlace(hits('/a', '/b'), hits('/x', '/y'), '/b'))).toEqual(['/a', '/b', '/x', '/y']);
});

test('the active row keeps its id and its place through a better answer, and the best order returns on release', () => {
  const list = new HitList();
  list.ask();
  list.take(makeAnswer('bread', ['/a', '/b', '/c']));
  list.step(1);
  list.step(1);
  list.step(1);
  const before = { id: list.active, at: rowsOf(list.hits).findIndex((row) => row.id === list.active) };
  list.take(makeAnswer('bread', ['/z', '/c', '/b', '/a'], 'full'));
  expect({ id: list.active, at: rowsOf(list.hits).findIndex((row) => row.id === list.active) }).toEqual(
    before,
  );
  expect(ids(list.hits)).toEqual(['/a', '/b', '/z', '/c']);
  list.release();
  expect(ids(list.hits)).toEqual(['/z', '/c', '/b', '/a']);
});

test('with no active row a better answer is shown whole', () => {
  const list = new HitList();
  list.ask();
  expect(list.take(makeAnswer('bread', ['/a', '/b']))).toBeNull();
  expect(list.take(makeAnswer('bread', ['/b', '/a'], 'full'))!.tier).toBe('lexical');
  expect(ids(list.hits)).toEqual(['/b', '/a']);
  expect(list.target()!.hit.id).toBe('/b');
});

test('the first answer of a new query lets the active row go', () => {
  const list = new HitList();
  list.ask();
  list.take(makeAnswer('bread', ['/a', '/b']));
  list.ask();
  list.step(1);
  expect(list.take(makeAnswer('butter', ['/c', '/a']))).toBeNull();
  expect(list.active).toBeNull();
  expect(ids(list.hits)).toEqual(['/c', '/a']);
});

test('the arrows walk every page and passage in a ring, from either end', () => {
  const list = new HitList();
  list.step(1);
  expect(list.active).toBeNull();
  list.ask();
  list.take(makeAnswer('bread', ['/a', '/b']));
  list.step(-1);
  expect(list.row(list.active)!.hit.id).toBe('/b');
  expect(list.row(list.active)!.passage).not.toBeNull();
  list.step(1);
  expect(list.row(list.active)).toMatchObject({ hit: { id: '/a' }, passage: null });
});

test('row ids are distinct and hold no spaces, whatever the ids of the documents are', () => {
  const rows = rowsOf(hits('/a b/', '/ä/?x=1#y', '"<script>'));
  expect(new Set(rows.map((row) => row.id)).size).toBe(rows.length);
  for (const row of rows) expect(row.id).not.toMatch(/\s/);
});

test('same order means the same pages in the same places', () => {
  expect(sameOrder(hits('/a', '/b'), hits('/a', '/b'))).toBe(true);
  expect(sameOrder(hits('/a', '/b'), hits('/b', '/a'))).toBe(false);
  expect(sameOrder(hits('/a'), hits('/a', '/b'))).toBe(false);
});
