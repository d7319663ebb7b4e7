import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { version } from './version';

test('the version written into indexes is the released one', () => {
  const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  expect(version).toBe(manifest.version);
});
