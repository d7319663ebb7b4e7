/**
 * The vectors that every instant query needs: mean, spread and the cells' centroids, in few bytes.
 * In: float32. Out: bytes, and the values that readers get of them: whoever builds must code with those, not with its own.
 * Mean: 8 bits a dimension. Spread: 8 bits, logarithmic. Centroid: its share along the mean in 8 bits, and of what is left
 * one of four values a dimension. On MDN the five cells nearest by these 33 bytes hold .809 of the ten best entries, by three
 * values a dimension .797, by float .815.
 */

/** Where a normal variable is cut into four with least error, and the values of the parts, in units of its spread (Max 1960). */
const cut = 0.982;
const values = [-1.51, -0.453, 0.453, 1.51];
/** Values to a byte. */
const perByte = 4;
/** Steps to an octave of spread: 1.1 % at most between a value and its step. */
const stepsPerOctave = 32;

/** Shapes: mean float32[dim] → u8[dim], two's complement. `largest`: of the absolute values, as float32. */
export function encodeMean(mean: Float32Array): { largest: number; bytes: Uint8Array } {
  const largest = mean.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
  return {
    largest,
    bytes: Uint8Array.from(mean, (x) => (largest === 0 ? 0 : Math.round((x / largest) * 127))),
  };
}

export function decodeMean(bytes: Uint8Array, largest: number): Float32Array {
  return Float32Array.from(bytes, (byte) => (((byte << 24) >> 24) * largest) / 127);
}

/** Shapes: spread float32[dim], 0 or more → u8[dim]. What is less than 1/200 of the largest becomes 0. */
export function encodeSpread(spread: Float32Array): { largest: number; bytes: Uint8Array } {
  const largest = spread.reduce((most, x) => Math.max(most, x), 0);
  const bytes = Uint8Array.from(spread, (x) =>
    x <= 0 ? 0 : Math.max(0, 255 + Math.round(Math.log2(x / largest) * stepsPerOctave)),
  );
  return { largest, bytes };
}

export function decodeSpread(bytes: Uint8Array, largest: number): Float32Array {
  return Float32Array.from(bytes, (byte) =>
    byte === 0 ? 0 : largest * 2 ** ((byte - 255) / stepsPerOctave),
  );
}

/** Bytes of one centroid. */
export function centroidBytes(dim: number): number {
  return 1 + Math.ceil(dim / perByte);
}

/** Their lengths are not stored. Shapes: centroids float32[n × dim], mean float32[dim] as `decodeMean` gives it → u8[n × centroidBytes(dim)]. */
export function encodeCentroids(centroids: Float32Array, mean: Float32Array): Uint8Array {
  const dim = mean.length;
  const n = dim === 0 ? 0 : centroids.length / dim;
  const direction = unit(Float64Array.from(mean));
  const size = centroidBytes(dim);
  const bytes = new Uint8Array(n * size);
  for (let i = 0; i < n; i++) {
    const rest = unit(Float64Array.from(centroids.subarray(i * dim, (i + 1) * dim)));
    const share = takeAway(rest, direction);
    bytes[i * size] = Math.round((Math.min(1, Math.max(-1, share)) + 1) * 127.5);
    const limit = cut * Math.sqrt(rest.reduce((sum, x) => sum + x * x, 0) / dim);
    for (let d = 0; d < dim; d++) {
      const value = rest[d]! < 0 ? (rest[d]! < -limit ? 0 : 1) : rest[d]! > limit ? 3 : 2;
      bytes[i * size + 1 + Math.floor(d / perByte)]! |= value << (2 * (d % perByte));
    }
  }
  return bytes;
}

/** Shapes: u8[n × centroidBytes(dim)] → float32[n × dim], each of length 1 (0 where the bytes say so). */
export function decodeCentroids(bytes: Uint8Array, mean: Float32Array): Float32Array {
  const dim = mean.length;
  const direction = unit(Float64Array.from(mean));
  const size = centroidBytes(dim);
  const centroids = new Float32Array((bytes.length / size) * dim);
  for (let i = 0; i * size < bytes.length; i++) {
    const rest = Float64Array.from(
      { length: dim },
      (_, d) => values[(bytes[i * size + 1 + Math.floor(d / perByte)]! >> (2 * (d % perByte))) & 3]!,
    );
    takeAway(rest, direction);
    unit(rest);
    const share = bytes[i * size]! / 127.5 - 1;
    const left = Math.sqrt(1 - share * share);
    const whole = unit(rest.map((x, d) => share * direction[d]! + left * x));
    centroids.set(whole, i * dim);
  }
  return centroids;
}

/** Leaves in `vector` what is square to `direction`, and says how much of it was not. */
function takeAway(vector: Float64Array, direction: Float64Array): number {
  let share = 0;
  for (let d = 0; d < vector.length; d++) share += vector[d]! * direction[d]!;
  for (let d = 0; d < vector.length; d++) vector[d]! -= share * direction[d]!;
  return share;
}

/** To length 1, in place; zeros stay. */
function unit(vector: Float64Array): Float64Array {
  const length = Math.sqrt(vector.reduce((sum, x) => sum + x * x, 0));
  if (length > 0) for (let d = 0; d < vector.length; d++) vector[d]! /= length;
  return vector;
}

/** The mean as readers get it. */
export function storedMean(mean: Float32Array): Float32Array {
  const { largest, bytes } = encodeMean(mean);
  return decodeMean(bytes, largest);
}

/** The spread as readers get it. */
export function storedSpread(spread: Float32Array): Float32Array {
  const { largest, bytes } = encodeSpread(spread);
  return decodeSpread(bytes, largest);
}

/** Centroids as readers get them. Shapes: float32[n × dim]; `mean`: of `storedMean`. */
export function storedCentroids(centroids: Float32Array, mean: Float32Array): Float32Array {
  return decodeCentroids(encodeCentroids(centroids, mean), mean);
}
