/**
 * `nearbit model <out>`: a folder with a model and no pages, for apps that index on the device (`openIndex({ name, model })`).
 * In: the command's arguments. Out: manifest, model files and runtime as blocks, engine/; a summary on stderr or, with --json, on
 * stdout. Exit code 0; wrong usage and failures as every command.
 */
import { basename, resolve } from 'node:path';
import { buildModel } from '../build/build-model';
import { NearbitError } from '../errors';
import { folderStore } from '../store/folder-store.node';
import type { BlockRef } from '../types';
import { readConfig } from './config';
import { readRuntime, writeEngine } from './engine';
import { openReaderModels } from './model';
import { parseCommand } from './options';
import { byteCount, duration } from './progress';

export const modelUsage = 'nearbit model <out> [--model <folder>] [--config <file>] [--json]';

export async function modelCommand(args: string[]): Promise<number> {
  const { values, positionals } = parseCommand(
    args,
    modelUsage,
    { model: { type: 'string' }, config: { type: 'string' }, json: { type: 'boolean' } },
    1,
  );
  const config = await readConfig(values.config);
  const out = resolve(positionals[0]!);
  const store = folderStore(out);
  const began = performance.now();
  try {
    await refusePages(out, store);
    const models = await openReaderModels(values.model ?? config.model);
    try {
      const runtime = await readRuntime(Object.keys(models.files));
      const manifest = await buildModel(models.encoders, { model: models.files, runtime }, store);
      await writeEngine(out);
      const ms = performance.now() - began;
      const sum = (refs: Record<string, BlockRef>) =>
        Object.values(refs).reduce((bytes, ref) => bytes + ref.bytes, 0);
      const { name, dim, files } = manifest.model!;
      const bytes = { model: sum(files), runtime: sum(manifest.runtime) };
      if (values.json)
        console.log(JSON.stringify({ model: name, dim, files: Object.keys(files), bytes, ms, out }));
      else
        console.error(
          [
            `Wrote ${name} (${dim} dimensions) to ${out} in ${duration(ms / 1000)}: model ${byteCount(bytes.model)}, runtime ${byteCount(bytes.runtime)}.`,
            `Serve the folder with your app and open an index with it: openIndex({ name: 'notes', model: '/${basename(out)}/' })`,
          ].join('\n'),
        );
    } finally {
      await models.close();
    }
  } finally {
    await store.close();
  }
  return 0;
}

/** An index of pages is a site's work, and has a model of its own beside it. */
async function refusePages(out: string, store: ReturnType<typeof folderStore>): Promise<void> {
  const pages = await store.readManifest().then(
    ({ counts }) => counts.pages,
    () => 0,
  );
  if (pages === 0) return;
  throw new NearbitError('usage', {
    what: `Cannot write a model to ${out}`,
    expected: 'an empty folder or one with a model',
    received: `an index of ${pages} pages`,
    fix: 'pass another folder; an index made with a model serves as one too',
  });
}
