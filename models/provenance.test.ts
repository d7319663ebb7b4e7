import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const folder = new URL('./all-MiniLM-L6-v2/', import.meta.url);

it('the weights are the files that PROVENANCE.md names, byte for byte', () => {
  const rows = readFileSync(new URL('PROVENANCE.md', folder), 'utf8').matchAll(
    /^\| (onnx\/\S+) \| ([\d,]+) \|.*\| ([0-9a-f]{64}) \|$/gm,
  );
  const named = Array.from(rows, ([, file, bytes, sha256]) => ({ file, bytes, sha256 }));
  expect(named.map(({ file }) => file)).toEqual([
    'onnx/model_quantized.onnx',
    'onnx/model_q4.onnx',
    'onnx/model_int8.onnx',
  ]);
  for (const { file, bytes, sha256 } of named) {
    const content = readFileSync(new URL(file!, folder));
    expect(content.length.toLocaleString('en'), file).toBe(bytes);
    expect(createHash('sha256').update(content).digest('hex'), file).toBe(sha256);
  }
});
