import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { gainOver, readRun } from './gate';

const folder = join(import.meta.dirname, 'runs');
const runs = readdirSync(folder)
  .filter((name) => name.endsWith('.jsonl'))
  .map((name) => ({ name, text: readFileSync(join(folder, name), 'utf8') }));

it('runs are kept of every open set', () => {
  expect(runs.length).toBeGreaterThanOrEqual(10);
});

describe.each(runs)('the run of $name', ({ text }) => {
  it('has a fused list no more than .005 below the better leg', () => {
    expect(gainOver(readRun(text))).toBeGreaterThanOrEqual(-0.005);
  });

  it('is small', () => {
    expect(text.length).toBeLessThanOrEqual(60_000);
  });
});
