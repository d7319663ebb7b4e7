/**
 * `nearbit inspect <bundle>`: what is in an index, part by part, every block read and its hash checked.
 * In: the command's arguments. Out: counts, model, versions, bytes; exit code 1 when a block is missing or damaged, or a
 * part of the instant tier. With `--precache`: what a service worker must keep instead (precache-command.ts).
 */
import { resolve } from 'node:path';
import { describe } from '../errors';
import { headerBytes } from '../segment/block';
import { corrupt } from '../segment/damage';
import { headPath } from '../segment/instant-head';
import type { PackKind, PartTable } from '../segment/instant-shape';
import { manifestBlocks } from '../segment/manifest';
import { folderStore } from '../store/folder-store.node';
import { openInstantFolder } from '../store/instant-files-folder.node';
import type { InstantRef } from '../types';
import { parseCommand } from './options';
import { precacheCommand, precacheOptions } from './precache-command';
import { byteCount } from './progress';

export const inspectUsage =
  'nearbit inspect <bundle> [--json] [--precache [--tier lexical|instant|full] [--base <path>] [--languages <en,de>|all] [--webgpu] [--bundled]]';

export async function inspectCommand(args: string[]): Promise<number> {
  const { values, positionals } = parseCommand(
    args,
    inspectUsage,
    { json: { type: 'boolean' }, ...precacheOptions },
    1,
  );
  const folder = resolve(positionals[0]!);
  if (values.precache) return precacheCommand(folder, values);
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
  const instant = manifest.instant ? await inspectInstant(folder, manifest.instant, damaged) : null;
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
      instant: instant && { ...manifest.instant, parts: instant },
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
    if (instant && manifest.instant)
      console.log(
        `Instant tier by ${manifest.instant.design}: ${manifest.instant.files} files, ${byteCount(manifest.instant.bytes)}`,
      );
    for (const [kind, { files, parts: n, bytes, largest }] of Object.entries(instant ?? {}))
      console.log(
        `${kind.padEnd(9)} ${String(files).padStart(5)} files  ${byteCount(bytes).padStart(10)}, ${n} parts, largest ${byteCount(largest)}`,
      );
    for (const message of damaged) console.log(message);
  }
  return damaged.length > 0 ? 1 : 0;
}

interface InspectedKind {
  files: number;
  parts: number;
  bytes: number;
  /** Largest part as stored. Units: bytes. */
  largest: number;
}

/** The instant tier's files by kind, every part opened; what cannot be read is added to `damaged`. */
async function inspectInstant(
  folder: string,
  { name, bytes }: InstantRef,
  damaged: string[],
): Promise<Record<string, InspectedKind>> {
  const files = openInstantFolder(folder);
  const kinds: Record<string, InspectedKind> = {};
  try {
    const head = await files.head();
    if (head.name !== name)
      throw corrupt(headPath, `the set ${name}, which the manifest names`, `the set ${head.name}`);
    const { packs } = await files.start();
    kinds.start = { files: 1, parts: 1, bytes: head.start, largest: head.start };
    for (const [kind, table] of Object.entries(packs) as [PackKind, PartTable][]) {
      const { perPack, sizes } = table;
      const packed = Math.ceil(sizes.length / perPack);
      kinds[kind] = {
        files: packed,
        parts: sizes.length,
        bytes: sizes.reduce((sum, size) => sum + size, packed * headerBytes),
        largest: sizes.reduce((most, size) => Math.max(most, size), 0),
      };
      for (let i = 0; i < sizes.length; i++)
        await files.part(kind, i).catch((error) => damaged.push(describe(error)));
    }
    const counted = Object.values(kinds).reduce((sum, kind) => sum + kind.bytes, 0);
    if (counted !== bytes)
      throw corrupt(headPath, `${bytes} bytes of files, as the manifest says`, `${counted}`);
  } catch (error) {
    damaged.push(describe(error));
  }
  return kinds;
}
