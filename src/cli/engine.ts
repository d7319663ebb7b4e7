/**
 * The engine's files beside an index, so that a page needs one script tag and no other origin.
 * In: the package's dist/. Out: <out>/engine/ with element, client, workers and ONNX Runtime's glue; the runtime's
 * WASM binaries as blocks, since they are large, cached on the device and checked by hash.
 */
import { copyFile, mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { packageRoot } from './package-root';

const dist = join(packageRoot, 'dist');
const runtime = join(dist, 'runtime');

/** ONNX Runtime binaries for the weights an index carries: the JSPI build serves WebGPU and needs batch-independent weights. */
export async function readRuntime(weights: readonly string[]): Promise<Record<string, Uint8Array>> {
  const files: Record<string, Uint8Array> = {};
  for (const name of await readdir(runtime)) {
    if (!name.endsWith('.wasm')) continue;
    if (name.includes('jspi') && !weights.includes('onnx/model_q4.onnx')) continue;
    files[name] = await readFile(join(runtime, name));
  }
  return files;
}

/** Replaces <out>/engine/; files of an older version do not stay. */
export async function writeEngine(out: string): Promise<void> {
  const engine = join(out, 'engine');
  await rm(engine, { recursive: true, force: true });
  await copyScripts(dist, engine, (name) => name.endsWith('.js') && name !== 'transformers.js');
  await copyScripts(join(dist, 'chunks'), join(engine, 'chunks'), (name) => name.endsWith('.js'));
  await copyScripts(runtime, engine, (name) => name.endsWith('.mjs'));
}

async function copyScripts(from: string, to: string, wanted: (name: string) => boolean): Promise<void> {
  await mkdir(to, { recursive: true });
  for (const entry of await readdir(from, { withFileTypes: true }))
    if (entry.isFile() && wanted(entry.name)) await copyFile(join(from, entry.name), join(to, entry.name));
}
