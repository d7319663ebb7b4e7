/**
 * Assembles the WASM kernels: `npm run kernels`.
 * In: src/kernels/wasm/hamming.wat. Out: hamming.generated.ts beside it, with the bytes (base64) and the source's hash,
 * which a test compares, so that a changed source cannot be forgotten.
 */
import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { brotliCompressSync } from 'node:zlib';
import wabt from 'wabt';

const folder = new URL('../src/kernels/wasm/', import.meta.url);
const source = await readFile(new URL('hamming.wat', folder), 'utf8');

const { parseWat } = await wabt();
const parsed = parseWat('hamming.wat', source);
parsed.validate();
const bytes = parsed.toBinary({}).buffer;
parsed.destroy();

await writeFile(
  new URL('hamming.generated.ts', folder),
  `/** Written by scripts/build-kernels.mjs from hamming.wat. Change the source and run \`npm run kernels\`. */
export const hammingBytes =
  '${Buffer.from(bytes).toString('base64')}';
/** SHA-256 of hamming.wat. */
export const hammingSource = '${createHash('sha256').update(source).digest('hex')}';
`,
);
console.log(`hamming.wat: ${bytes.length} bytes, ${brotliCompressSync(bytes).length} brotli`);
