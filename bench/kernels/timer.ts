/**
 * How long one call takes, warm.
 * In: the call, a time to spend. Out: the median of samples in milliseconds. A sample is as many calls as make the steps of
 * the clock (5 µs in an isolated page) small against it.
 */

const sampleMs = 1;
const warmCalls = 3;
const leastSamples = 5;
const mostSamples = 400;

/** Calls without a promise are not awaited. Units: milliseconds. */
export async function timeCalls(call: () => unknown, budgetMs: number): Promise<number> {
  const timed = async (calls: number): Promise<number> => {
    const start = performance.now();
    for (let i = 0; i < calls; i++) {
      const pending = call();
      if (pending instanceof Promise) await pending;
    }
    return performance.now() - start;
  };
  let calls = 1;
  await timed(warmCalls);
  let once = await timed(1);
  while (once * calls < sampleMs) {
    calls *= 2;
    once = (await timed(calls)) / calls;
  }
  const samples: number[] = [];
  const end = performance.now() + budgetMs;
  while (samples.length < leastSamples || (performance.now() < end && samples.length < mostSamples)) {
    samples.push((await timed(calls)) / calls);
  }
  samples.sort((a, b) => a - b);
  return samples[samples.length >> 1]!;
}
