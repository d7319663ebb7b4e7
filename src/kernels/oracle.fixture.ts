/**
 * What kernels are held against: noise, and answers by counting bits one by one and sorting everything.
 * Shares no code with the kernels.
 */
import type { Measure, Neighbours, RowForm, ScanLimits } from './kernel';

export type Plain = { ordinals: number[]; distances: number[] };

/** Reproducible bytes (a linear congruential generator's upper bits). */
export function noise(length: number, seed: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let i = 0, state = seed | 0; i < length; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    bytes[i] = state >>> 24;
  }
  return bytes;
}

/** Random bits, each set with this probability. Shapes: u32[ceil(n / 32)]. */
export function randomBitmap(n: number, probability: number, seed: number): Uint32Array {
  const bitmap = new Uint32Array(Math.ceil(n / 32));
  const draws = noise(2 * n, seed);
  for (let i = 0; i < n; i++) {
    if (draws[2 * i]! * 256 + draws[2 * i + 1]! < probability * 65_536) bitmap[i >> 5]! |= 1 << (i & 31);
  }
  return bitmap;
}

export function plain(neighbours: Neighbours): Plain {
  return { ordinals: [...neighbours.ordinals], distances: [...neighbours.distances] };
}

/** The k nearest rows. */
export function nearestByHand(
  measure: Measure,
  codeBytes: number,
  codes: Uint8Array,
  query: Uint8Array,
  k: number,
  { filter, tombstones, within = Number.POSITIVE_INFINITY }: ScanLimits = {},
): Plain {
  const isSet = (bitmap: Uint32Array, i: number) => (bitmap[Math.floor(i / 32)]! & (2 ** (i % 32))) !== 0;
  const rows = [];
  for (let ordinal = 0; ordinal < codes.length / codeBytes; ordinal++) {
    if (filter && !isSet(filter, ordinal)) continue;
    if (tombstones && isSet(tombstones, ordinal)) continue;
    let distance = 0;
    for (let j = 0; j < codeBytes; j++) {
      const byte = codes[ordinal * codeBytes + j]!;
      if (measure === 'hamming') {
        for (let bits = byte ^ query[j]!; bits; bits &= bits - 1) distance++;
      } else {
        distance += query[j * 32 + Math.floor(byte / 16)]! + query[j * 32 + 16 + (byte % 16)]!;
      }
    }
    if (distance <= within) rows.push({ ordinal, distance });
  }
  rows.sort((a, b) => a.distance - b.distance || a.ordinal - b.ordinal);
  const best = rows.slice(0, k);
  return { ordinals: best.map((row) => row.ordinal), distances: best.map((row) => row.distance) };
}

/** Σ query · row of every row. */
export function dotsByHand(form: RowForm, rows: Uint8Array, query: Int8Array): number[] {
  const planes = form.form === 'planes' ? form.planes : 0;
  const rowBytes = planes ? (form.dim / 8) * planes : form.dim;
  return Array.from({ length: rows.length / rowBytes }, (_, row) => {
    let sum = 0;
    for (let j = 0; j < form.dim; j++) {
      let value = 0;
      if (planes) {
        for (let plane = 0; plane < planes; plane++) {
          const byte = rows[row * rowBytes + plane * (form.dim / 8) + Math.floor(j / 8)]!;
          value = value * 2 + (Math.floor(byte / 2 ** (7 - (j % 8))) % 2);
        }
      } else {
        const byte = rows[row * rowBytes + j]!;
        value = byte < 128 ? byte : byte - 256;
      }
      sum += query[j]! * value;
    }
    return sum;
  });
}
