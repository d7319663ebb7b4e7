/**
 * Assembles the WASM kernels: `npm run kernels`.
 * In: src/kernels/wasm/*.wat, with four directives on lines of their own (`;; for name from to [step]` … `;; end`, both ends
 * included; `;; let name = expression`; `;; include file`) and `{expression}` anywhere. Out: modules.generated.ts beside them,
 * with the bytes (hexadecimal, which compresses better than base64) and a hash of the sources; a test compares both.
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync } from 'node:zlib';
import wabt from 'wabt';

const folder = new URL('../src/kernels/wasm/', import.meta.url);
const read = (file) => readFileSync(new URL(file, folder), 'utf8');

/** V8 before 11.4 keeps too little in registers for two turns. */
const modules = {
  hamming: ['hamming.wat', {}],
  hammingSimd: ['hamming-simd.wat', {}],
  tables: ['tables.wat', { swizzle: 'i8x16.swizzle', turns: 1 }],
  tablesRelaxed: ['tables.wat', { swizzle: 'i8x16.relaxed_swizzle', turns: 2 }],
  planes: ['planes.wat', {}],
  int8: ['int8.wat', {}],
};

/** SHA-256 of everything the bytes come from. */
export function hashSources() {
  const hash = createHash('sha256');
  for (const file of readdirSync(folder).sort()) if (file.endsWith('.wat')) hash.update(read(file));
  return hash.update(readFileSync(fileURLToPath(import.meta.url))).digest('hex');
}

function evaluate(expression, scope) {
  return new Function(...Object.keys(scope), `return (${expression})`)(...Object.values(scope));
}

/** Text without directives. */
function expand(lines, scope) {
  const out = [];
  for (let i = 0; i < lines.length; i++) {
    const [, directive, rest] = lines[i].match(/^\s*;; (for|let|include|end) ?(.*)$/) ?? [];
    if (directive === 'let') {
      const [, name, expression] = rest.match(/^(\w+) = (.+)$/);
      scope = { ...scope, [name]: evaluate(expression, scope) };
    } else if (directive === 'include') {
      out.push(expand(read(rest).split('\n'), scope));
    } else if (directive === 'for') {
      const body = lines.slice(i + 1, endOf(lines, i));
      i += body.length + 1;
      const [name, ...range] = rest.split(' ');
      const [from, to, step = 1] = range.map((expression) => evaluate(expression, scope));
      for (let value = from; step > 0 ? value <= to : value >= to; value += step) {
        out.push(expand(body, { ...scope, [name]: value }));
      }
    } else {
      out.push(lines[i].replace(/\{(.+?)\}/g, (_, expression) => evaluate(expression, scope)));
    }
  }
  return out.join('\n');
}

/** The line that ends the loop begun on line `start`. */
function endOf(lines, start) {
  let depth = 0;
  for (let i = start; i < lines.length; i++) {
    if (/^\s*;; for /.test(lines[i])) depth++;
    if (/^\s*;; end/.test(lines[i]) && --depth === 0) return i;
  }
  throw new Error(`Cannot expand "${lines[start].trim()}": expected ;; end, received none`);
}

/** Name → bytes of each module. */
export async function assemble() {
  const { parseWat } = await wabt();
  return Object.fromEntries(
    Object.entries(modules).map(([name, [file, scope]]) => {
      const parsed = parseWat(file, expand(read(file).split('\n'), scope), { relaxed_simd: true });
      parsed.validate();
      const { buffer } = parsed.toBinary({});
      parsed.destroy();
      return [name, buffer];
    }),
  );
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const assembled = Object.entries(await assemble());
  const fields = assembled.map(([name, bytes]) => `  ${name}:\n    '${Buffer.from(bytes).toString('hex')}',`);
  await writeFile(
    new URL('modules.generated.ts', folder),
    `/** Written by scripts/build-kernels.mjs from the .wat files here. Change those and run \`npm run kernels\`. */
export const modules = {
${fields.join('\n')}
};
/** SHA-256 of the sources. */
export const sourcesHash = '${hashSources()}';
`,
  );
  for (const [name, bytes] of assembled) {
    console.log(`${name}: ${bytes.length} bytes, ${brotliCompressSync(bytes).length} brotli`);
  }
  const all = brotliCompressSync(Buffer.concat(assembled.map(([, bytes]) => bytes)));
  console.log(`together: ${all.length} bytes brotli`);
}
