/**
 * `nearbit inspect <bundle>`: what is in an index, part by part, every block read and its hash checked.
 * In: the command's arguments. Out: counts, model, versions, bytes; exit code 1 when a block is missing or damaged.
 */
import { resolve } from 'node:path';
import { describe } from '../errors';
import { manifestBlocks } from '../segment/manifest';
import { folderStore } from '../store/folder-store.node';
import { parseCommand } from './options';
import { byteCount } from './progress';

export const inspectUsage = 'nearbit inspect <bundle> [--json]';

export async function inspectCommand(args: string[]): Promise<number> {
  const { values, positionals } = parseCommand(args, inspectUsage, { json: { type: 'boolean' } }, 1);
  const folder = resolve(positionals[0]!);
  const store = folderStore(folder);
  const manifest = await store.readManifest();
  const parts: Record<string, { blocks: number; bytes: number; largest: number }> = {};
  const damaged: string[] = [];
  for (const { kind, ref } of manifestBlocks(manifest)) {
    parts[kind] ??= { blocks: 0, bytes: 0, largest: 0 };
    const part = parts[kind];
    part.blocks++;
    part.bytes += ref.bytes;
    part.largest = Math.max(part.largest, ref.bytes);
    await store.readBlock(kind, ref).catch((error) => damaged.push(describe(error)));
  }
  await store.close();
  const { format, generator, language, languages, counts, model, code } = manifest;
  const total = Object.values(parts).reduce((sum, part) => sum + part.bytes, 0);
  if (values.json) {
    const { canaries, files, ...card } = model ?? { canaries: [], files: {} };
    const inspected = {
      format,
      generator,
      language,
      languages,
      counts,
      model: model && { ...card, files: Object.keys(files), canaries: canaries.length },
      code: code && { bits: code.bits, planes: code.planes, rotation: code.rotation },
      bytes: {
        total,
        ...Object.fromEntries(Object.entries(parts).map(([kind, part]) => [kind, part.bytes])),
      },
      parts,
      damaged,
    };
    console.log(JSON.stringify(inspected));
  } else {
    console.log(`Format ${format}, written by ${generator}`);
    console.log(
      `${counts.pages} pages, ${counts.passages} passages, ${counts.terms} terms; languages: ${languages.map((tag) => tag || 'not said').join(', ')}`,
    );
    console.log(
      model && code
        ? `Model ${model.name}: ${model.dim} dimensions, ${model.pooling} pooling, documents by ${model.documentWeights}; codes of ${code.bits} bits × ${code.planes} planes, ${code.rotation} rotation`
        : 'No model: lexical tier only',
    );
    for (const [kind, part] of Object.entries(parts))
      console.log(
        `${kind.padEnd(9)} ${String(part.blocks).padStart(5)} blocks ${byteCount(part.bytes).padStart(10)}, largest ${byteCount(part.largest)}`,
      );
    console.log(`total     ${byteCount(total)}`);
    for (const message of damaged) console.log(message);
  }
  return damaged.length > 0 ? 1 : 0;
}
