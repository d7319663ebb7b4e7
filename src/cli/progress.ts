/**
 * What a run says while it works: one rewritten line on a terminal, one line a stage elsewhere.
 * In: stage, count, total. Out: text on stderr, so that stdout stays free for `--json`.
 */

export interface ProgressLine {
  update(stage: string, done: number, total: number, unit: string): void;
  /** Ends the current stage's line. */
  end(): void;
}

/** Redraws at most ten times a second. */
const redrawMs = 100;

export function createProgress(out: NodeJS.WriteStream = process.stderr): ProgressLine {
  let stage = '';
  let began = 0;
  let drawn = 0;
  let last: { done: number; total: number; unit: string } | null = null;

  function line(): string {
    if (!last) return '';
    const seconds = (performance.now() - began) / 1000;
    const rate = last.done / Math.max(seconds, 0.001);
    const parts = [`${stage}: ${last.done.toLocaleString('en')}`];
    if (last.total > 0) parts[0] += ` of ${last.total.toLocaleString('en')}`;
    parts[0] += ` ${last.unit}`;
    if (last.done > 0) parts.push(`${rate.toFixed(rate < 10 ? 1 : 0)}/s`);
    if (last.total > last.done && last.done > 0)
      parts.push(`${duration((last.total - last.done) / rate)} left`);
    else parts.push(duration(seconds));
    return parts.join(' · ');
  }

  function end(): void {
    if (last) out.write(out.isTTY ? `\r\x1b[K${line()}\n` : `${line()}\n`);
    last = null;
    stage = '';
  }

  return {
    update(name, done, total, unit) {
      if (name !== stage) {
        end();
        stage = name;
        began = performance.now();
      }
      last = { done, total, unit };
      const now = performance.now();
      if (!out.isTTY || now - drawn < redrawMs) return;
      drawn = now;
      out.write(`\r\x1b[K${line()}`);
    },
    end,
  };
}

/** `4 s`, `3 min 20 s`. */
export function duration(seconds: number): string {
  const whole = Math.round(seconds);
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
}

/** `1.3 MB`; decimal units, as browsers and hosts count. */
export function byteCount(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  if (bytes < 1e6) return `${(bytes / 1e3).toFixed(1)} kB`;
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
