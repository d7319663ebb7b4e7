import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { sampleSet } from '../segment/instant.suite';
import { writeSample } from '../segment/sample.suite';
import { folderStore } from '../store/folder-store.node';
import { inspectCommand } from './inspect-command';

let root: string;
let place: string;
const out: string[] = [];

beforeEach(async () => {
  out.length = 0;
  vi.spyOn(console, 'log').mockImplementation((line) => void out.push(String(line)));
  root = await mkdtemp(join(tmpdir(), 'nearbit-inspect-'));
  const store = folderStore(root);
  const { files } = await sampleSet(3);
  const manifest = await writeSample((kind, payload) => store.writeBlock(kind, payload));
  const written = await store.writeInstant(files);
  place = join(root, 'instant', written.name);
  await store.commit({ ...manifest, instant: { design: 'cells', source: 'x', ...written } });
});
afterEach(async () => {
  vi.restoreAllMocks();
  await rm(root, { recursive: true, force: true });
});

test('the files and parts of the instant tier are counted by kind', async () => {
  expect(await inspectCommand([root])).toBe(0);
  const text = out.join('\n');
  expect(text).toMatch(/^Instant tier by cells: 7 files, /m);
  expect(text).toMatch(/^words +3 files .+ 7 parts/m);
  expect(text).toMatch(/^cards +2 files .+ 5 parts/m);
  out.length = 0;
  expect(await inspectCommand([root, '--json'])).toBe(0);
  const { instant, damaged } = JSON.parse(out[0]!);
  expect(instant).toMatchObject({
    design: 'cells',
    files: 7,
    parts: { start: { files: 1 }, cells: { parts: 3 } },
  });
  expect(damaged).toEqual([]);
});

test('every part that is damaged is named, and the exit code is 1', async () => {
  const file = join(place, 'words-1.bin');
  const bytes = await readFile(file);
  bytes[60]! ^= 1;
  await writeFile(file, bytes);
  await rm(join(place, 'cards-1.bin'));
  expect(await inspectCommand([root])).toBe(1);
  const text = out.join('\n');
  expect(text).toContain('words-1.bin part 3: expected a part with its checksum');
  expect(text.match(/cards-1\.bin: expected the block/g)).toHaveLength(2);
});

test('a head of another set than the manifest names is found', async () => {
  const head = join(root, 'instant.json');
  const text = await readFile(head, 'utf8');
  await writeFile(head, text.replace(/[0-9a-f]{32}/, '0'.repeat(32)));
  expect(await inspectCommand([root])).toBe(1);
  expect(out.join('\n')).toMatch(/expected the set [0-9a-f]{32}, which the manifest names/);
  await rm(head);
  expect(await inspectCommand([root])).toBe(1);
  expect(out.join('\n')).toContain('expected instant.json, received ENOENT');
});
