/**
 * The scan on the GPU, three dispatches of 256 lanes a group: `measure` writes each row's distance and counts it, first in
 * the group's own memory (which starts as zeros), `choose` (one group) finds the distance of the k-th nearest row by summing
 * the counts below, `collect` gathers the rows no farther than that, in any order.
 * In: a query, codes as rows of 64-bit words, a bitmap. Out: `state`, whose rows the CPU sorts and cuts.
 * Deliberately not here: comments inside the text, because they would be downloaded.
 */

/** Most bits of a code, and thus the largest distance. */
export const maxBits = 1024;
/** Rows that `collect` has room for; it counts on beyond them. */
export const maxCandidates = 4096;

/** 32-bit words of `Query`: numbers, then from `codeAt` the code, two words in every four because uniforms align to that. */
export const codeAt = 8;
export const queryWords = codeAt + maxBits / 16;
/** Where the 32-bit words of `State` lie: the counts by distance, the threshold, the number of candidates, a gap, the rows. */
export const countAt = maxBits + 2;
export const rowsAt = countAt + 2;
export const stateWords = rowsAt + 2 * maxCandidates;

/** A row left out by the bitmap gets the distance 2³² − 1, which no threshold reaches, and is not counted. */
export const scanShader = `
struct Query { n: u32, words: u32, k: u32, within: u32, limited: u32, code: array<vec4u, ${maxBits / 64}> }
struct State {
  counts: array<atomic<u32>, ${maxBits + 1}>,
  threshold: u32,
  found: atomic<u32>,
  gap: u32,
  rows: array<vec2u, ${maxCandidates}>,
}
@group(0) @binding(0) var<uniform> query: Query;
@group(0) @binding(1) var<storage, read_write> state: State;
@group(0) @binding(2) var<storage, read> codes: array<vec2u>;
@group(0) @binding(3) var<storage, read> allowed: array<u32>;
@group(0) @binding(4) var<storage, read_write> distances: array<u32>;
var<workgroup> bins: array<atomic<u32>, ${maxBits + 1}>;
var<workgroup> sums: array<u32, 256>;

@compute @workgroup_size(256)
fn measure(
  @builtin(local_invocation_index) lane: u32,
  @builtin(global_invocation_id) id: vec3u,
  @builtin(num_workgroups) groups: vec3u,
) {
  for (var row = id.x; row < query.n; row += groups.x * 256) {
    var distance = 0xffffffffu;
    if (query.limited == 0 || ((allowed[row >> 5] >> (row & 31)) & 1) == 1) {
      var bits = vec2u();
      for (var i = 0u; i < query.words; i++) {
        bits += countOneBits(codes[row * query.words + i] ^ query.code[i].xy);
      }
      distance = bits.x + bits.y;
      atomicAdd(&bins[distance], 1);
    }
    distances[row] = distance;
  }
  workgroupBarrier();
  for (var bin = lane; bin <= ${maxBits}; bin += 256) {
    let count = atomicLoad(&bins[bin]);
    if (count > 0) {
      atomicAdd(&state.counts[bin], count);
    }
  }
}

@compute @workgroup_size(256)
fn choose(@builtin(local_invocation_index) lane: u32) {
  let first = lane * 5;
  var own = 0u;
  for (var bin = first; bin < first + 5 && bin <= ${maxBits}; bin++) {
    own += atomicLoad(&state.counts[bin]);
  }
  sums[lane] = own;
  workgroupBarrier();
  var sum = 0u;
  for (var i = 0u; i < lane; i++) {
    sum += sums[i];
  }
  if (sum < query.k && sum + own >= query.k) {
    var bin = first;
    for (; bin < ${maxBits}; bin++) {
      sum += atomicLoad(&state.counts[bin]);
      if (sum >= query.k) {
        break;
      }
    }
    state.threshold = min(bin, query.within);
  } else if (lane == 255 && sum + own < query.k) {
    state.threshold = query.within;
  }
}

@compute @workgroup_size(256)
fn collect(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let threshold = state.threshold;
  for (var row = id.x; row < query.n; row += groups.x * 256) {
    let distance = distances[row];
    if (distance <= threshold) {
      let slot = atomicAdd(&state.found, 1);
      if (slot < ${maxCandidates}) {
        state.rows[slot] = vec2u(distance, row);
      }
    }
  }
}
`;
