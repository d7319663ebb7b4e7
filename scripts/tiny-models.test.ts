import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { fixtures, tinyFolders } from './tiny-models.mjs';

test('the tiny models that browser tests fetch are those the script writes', () => {
  const folders = Object.entries(tinyFolders()) as [string, Record<string, Uint8Array>][];
  for (const [folder, files] of folders) {
    for (const [path, bytes] of Object.entries(files))
      expect(new Uint8Array(readFileSync(join(fixtures, folder, path))), `${folder}/${path}`).toEqual(bytes);
  }
  expect(folders).toHaveLength(3);
});
