/** What a bench gives back, and the little statistics it needs. */

/** One line of a report. `atMost`, `atLeast`: the bar it is held against. */
export interface Figure {
  name: string;
  value: number | string;
  unit: string;
  atMost?: number;
  atLeast?: number;
  /** The numbers of a value that holds several, by what they are of. */
  cells?: Record<string, number>;
}

export interface Report {
  corpus: string;
  figures: Figure[];
}

/** The value below which that share of the samples lies (nearest rank). NaN for no samples. */
export function quantile(samples: readonly number[], share: number): number {
  const sorted = [...samples].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}

export const median = (samples: readonly number[]): number => quantile(samples, 0.5);

/** p50 and p95 of a name, in milliseconds; the bar is for p95. */
export function quantiles(name: string, samples: readonly number[], atMost?: number): Figure[] {
  return [
    { name: `${name}, p50`, value: median(samples), unit: 'ms' },
    { name: `${name}, p95`, value: quantile(samples, 0.95), unit: 'ms', ...(atMost && { atMost }) },
  ];
}
