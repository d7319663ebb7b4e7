/*
 * The native yardstick of the kernels bench: the k nearest of n codes by (distance, ordinal), on one thread.
 * In: lines on stdin, `scan <n> <bits> <k> <reps>`; bits a multiple of 64, up to 1,024. Out: one line of JSON each: the median
 * of reps scans, whose queries rotate over 64, and a checksum of all their lists.
 * Codes and queries are drawn as in ../kernels/data.ts. With AVX2 and above, eight codes are interleaved word by word.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#if defined(__AVX2__)
#include <immintrin.h>
#endif

#define MAX_WORDS 16
#define MAX_BITS (64 * MAX_WORDS)
#define QUERIES 64

#if defined(__AVX512VPOPCNTDQ__)
#define INSTRUCTIONS "AVX-512"
#define LANES 8
#elif defined(__AVX2__)
#define INSTRUCTIONS "AVX2"
#define LANES 8
#else
#define INSTRUCTIONS "scalar"
#define LANES 1
#endif

/* Rows are padded to whole turns of the widest loop. */
#define PADDING 16

/* ---------- Data: xorshift128 (Marsaglia 2003), one 32-bit word after the other ---------- */

static uint32_t state[4];

static uint32_t draw(void) {
  uint32_t t = state[0] ^ (state[0] << 11);
  state[0] = state[1];
  state[1] = state[2];
  state[2] = state[3];
  state[3] ^= (state[3] >> 19) ^ t ^ (t >> 8);
  return state[3];
}

static void seed(uint32_t number) {
  state[0] = 123456789u ^ number;
  state[1] = 362436069u;
  state[2] = 521288629u;
  state[3] = 88675123u;
  for (int i = 0; i < 32; i++) draw();
}

static uint64_t draw64(void) {
  uint64_t low = draw();
  return low | (uint64_t)draw() << 32;
}

static uint64_t *codes, *queries;
static uint32_t held_rows, held_words;

static void *allocate(size_t bytes) {
  void *memory = aligned_alloc(4096, (bytes + 4095) & ~(size_t)4095);
  if (!memory) {
    fprintf(stderr, "Cannot hold the codes: expected %zu bytes\n", bytes);
    exit(1);
  }
  return memory;
}

/* Word j of a code: `LANES` codes lie interleaved. */
static uint64_t *code_word(size_t row, size_t j, size_t words) {
  return codes + row / LANES * LANES * words + j * LANES + row % LANES;
}

static void fill(uint32_t n, uint32_t words) {
  if (n == held_rows && words == held_words) return;
  free(codes);
  free(queries);
  size_t padded = ((size_t)n + PADDING - 1) / PADDING * PADDING;
  codes = allocate(padded * words * 8);
  queries = allocate(QUERIES * words * 8);
  memset(codes, 0, padded * words * 8);
  seed(1);
  for (size_t i = 0; i < n; i++)
    for (size_t j = 0; j < words; j++) *code_word(i, j, words) = draw64();
  seed(777);
  for (size_t i = 0; i < QUERIES * words; i++) queries[i] = draw64();
  held_rows = n;
  held_words = words;
}

/* ---------- Selection: a row nearer than `limit` is accepted; as ordinals ascend, one as far as it comes too late ---------- */

static struct {
  uint32_t k, bits, limit, accepted, within;
  uint32_t histogram[MAX_BITS + 2];
  uint32_t *ordinals;
  uint16_t *distances;
} best;

static void begin(uint32_t k, uint32_t bits) {
  static size_t room;
  best.k = k;
  best.bits = bits;
  best.limit = bits + 1;
  best.accepted = best.within = 0;
  memset(best.histogram, 0, sizeof best.histogram);
  /* Each distance is accepted at most k times before the limit passes it. */
  size_t wanted = (size_t)k * (bits + 2);
  if (wanted <= room) return;
  free(best.ordinals);
  free(best.distances);
  best.ordinals = allocate(wanted * sizeof *best.ordinals);
  best.distances = allocate(wanted * sizeof *best.distances);
  room = wanted;
}

static void accept(uint32_t distance, uint32_t ordinal) {
  best.ordinals[best.accepted] = ordinal;
  best.distances[best.accepted++] = (uint16_t)distance;
  best.histogram[distance]++;
  best.within++;
  while (best.within - best.histogram[best.limit] >= best.k) best.within -= best.histogram[best.limit--];
}

/* Stable counting sort of what was accepted. Out: how many stand in the list. */
static uint32_t finish(uint32_t *ordinals, uint16_t *distances) {
  uint32_t slot = 0;
  for (uint32_t d = 0; d <= best.bits; d++) {
    uint32_t count = best.histogram[d];
    best.histogram[d] = slot;
    slot += count;
  }
  for (uint32_t i = 0; i < best.accepted; i++) {
    uint32_t at = best.histogram[best.distances[i]]++;
    if (at >= best.k) continue;
    ordinals[at] = best.ordinals[i];
    distances[at] = best.distances[i];
  }
  return best.accepted < best.k ? best.accepted : best.k;
}

/* ---------- Scans: `words` is a constant wherever one is called, so that its loops unroll ---------- */

#define INLINE static inline __attribute__((always_inline))

INLINE uint32_t distance_of(size_t row, const uint64_t *query, size_t words) {
  const uint64_t *code = code_word(row, 0, words);
  uint32_t distance = 0;
  for (size_t j = 0; j < words; j++) distance += (uint32_t)__builtin_popcountll(code[j * LANES] ^ query[j]);
  return distance;
}

INLINE void scan_tail(size_t row, uint32_t n, const uint64_t *query, size_t words) {
  for (; row < n; row++) {
    uint32_t distance = distance_of(row, query, words);
    if (__builtin_expect(distance < best.limit, 0)) accept(distance, (uint32_t)row);
  }
}

INLINE void accept_lanes(uint32_t mask, const uint64_t *distances, size_t row) {
  for (; mask; mask &= mask - 1) {
    uint32_t lane = (uint32_t)__builtin_ctz(mask);
    if (distances[lane] < best.limit) accept((uint32_t)distances[lane], (uint32_t)row + lane);
  }
}

#if defined(__AVX512VPOPCNTDQ__)

INLINE __m512i count_unlike(const uint64_t *at, __m512i query) {
  return _mm512_popcnt_epi64(_mm512_xor_si512(_mm512_loadu_si512(at), query));
}

INLINE void scan_rows(uint32_t n, const uint64_t *query, size_t words) {
  __m512i spread[MAX_WORDS];
  for (size_t j = 0; j < words; j++) spread[j] = _mm512_set1_epi64((int64_t)query[j]);
  __m512i limit = _mm512_set1_epi64(best.limit);
  size_t row = 0;
  const uint64_t *at = codes;
  for (; row + 16 <= n; row += 16, at += 16 * words) {
    __m512i low = _mm512_setzero_si512(), high = low;
#pragma GCC unroll 16
    for (size_t j = 0; j < words; j++) {
      low = _mm512_add_epi64(low, count_unlike(at + 8 * j, spread[j]));
      high = _mm512_add_epi64(high, count_unlike(at + 8 * (words + j), spread[j]));
    }
    uint32_t mask = _mm512_cmplt_epu64_mask(low, limit) | (uint32_t)_mm512_cmplt_epu64_mask(high, limit) << 8;
    if (__builtin_expect(mask, 0)) {
      uint64_t distances[16];
      _mm512_storeu_si512(distances, low);
      _mm512_storeu_si512(distances + 8, high);
      accept_lanes(mask, distances, row);
      limit = _mm512_set1_epi64(best.limit);
    }
  }
  scan_tail(row, n, query, words);
}

#elif defined(__AVX2__)

/* Set bits of each byte, by a table of half bytes. */
INLINE __m256i count_unlike(const uint64_t *at, __m256i query) {
  const __m256i half = _mm256_set1_epi8(15);
  const __m256i counts = _mm256_broadcastsi128_si256(
      _mm_setr_epi8(0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4));
  __m256i bits = _mm256_xor_si256(_mm256_loadu_si256((const __m256i *)at), query);
  __m256i low = _mm256_shuffle_epi8(counts, _mm256_and_si256(bits, half));
  __m256i high = _mm256_shuffle_epi8(counts, _mm256_and_si256(_mm256_srli_epi16(bits, 4), half));
  return _mm256_add_epi8(low, high);
}

INLINE uint32_t nearer(__m256i limit, __m256i distances) {
  return (uint32_t)_mm256_movemask_pd(_mm256_castsi256_pd(_mm256_cmpgt_epi64(limit, distances)));
}

INLINE void scan_rows(uint32_t n, const uint64_t *query, size_t words) {
  const __m256i zero = _mm256_setzero_si256();
  __m256i limit = _mm256_set1_epi64x(best.limit);
  size_t row = 0;
  const uint64_t *at = codes;
  for (; row + 8 <= n; row += 8, at += 8 * words) {
    /* Bytes suffice for 16 words: 16 × 8. */
    __m256i low = zero, high = zero;
#pragma GCC unroll 16
    for (size_t j = 0; j < words; j++) {
      __m256i spread = _mm256_set1_epi64x((int64_t)query[j]);
      low = _mm256_add_epi8(low, count_unlike(at + 8 * j, spread));
      high = _mm256_add_epi8(high, count_unlike(at + 8 * j + 4, spread));
    }
    low = _mm256_sad_epu8(low, zero);
    high = _mm256_sad_epu8(high, zero);
    uint32_t mask = nearer(limit, low) | nearer(limit, high) << 4;
    if (__builtin_expect(mask, 0)) {
      uint64_t distances[8];
      _mm256_storeu_si256((__m256i *)distances, low);
      _mm256_storeu_si256((__m256i *)(distances + 4), high);
      accept_lanes(mask, distances, row);
      limit = _mm256_set1_epi64x(best.limit);
    }
  }
  scan_tail(row, n, query, words);
}

#else

INLINE void scan_rows(uint32_t n, const uint64_t *query, size_t words) { scan_tail(0, n, query, words); }

#endif

#define WIDTH(words) \
  case words: \
    scan_rows(n, query, words); \
    break;

static void scan(uint32_t n, const uint64_t *query, uint32_t words) {
  switch (words) {
    WIDTH(1) WIDTH(2) WIDTH(3) WIDTH(4) WIDTH(5) WIDTH(6) WIDTH(7) WIDTH(8)
    WIDTH(9) WIDTH(10) WIDTH(11) WIDTH(12) WIDTH(13) WIDTH(14) WIDTH(15) WIDTH(16)
  }
}

/* ---------- Commands ---------- */

static double now_ms(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec * 1e3 + (double)time.tv_nsec * 1e-6;
}

static int ascending(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* FNV-1a over whole words; the same in ../kernels/data.ts. */
static uint32_t mix(uint32_t sum, uint32_t word) { return (sum ^ word) * 16777619u; }

static void answer(uint32_t n, uint32_t bits, uint32_t k, uint32_t reps) {
  uint32_t words = bits / 64, sum = 2166136261u;
  fill(n, words);
  double *times = allocate(reps * sizeof *times);
  uint32_t *ordinals = allocate(k * sizeof *ordinals);
  uint16_t *distances = allocate(k * sizeof *distances);
  begin(k, bits);
  scan(n, queries, words);
  for (uint32_t rep = 0; rep < reps; rep++) {
    double start = now_ms();
    begin(k, bits);
    scan(n, queries + (size_t)(rep % QUERIES) * words, words);
    uint32_t count = finish(ordinals, distances);
    times[rep] = now_ms() - start;
    for (uint32_t i = 0; i < count; i++) sum = mix(mix(sum, ordinals[i]), distances[i]);
  }
  qsort(times, reps, sizeof *times, ascending);
  printf("{\"instructions\":\"%s\",\"ms\":%.6f,\"checksum\":%u}\n", INSTRUCTIONS, times[reps / 2], sum);
  free(times);
  free(ordinals);
  free(distances);
}

int main(void) {
  char line[128];
  uint32_t n, bits, k, reps;
  while (fgets(line, sizeof line, stdin)) {
    int read = sscanf(line, "scan %u %u %u %u", &n, &bits, &k, &reps);
    if (read != 4 || !n || !k || !reps || bits % 64 || !bits || bits > MAX_BITS)
      printf("{\"error\":\"expected scan <n> <bits> <k> <reps>\"}\n");
    else
      answer(n, bits, k, reps);
    fflush(stdout);
  }
  return 0;
}
