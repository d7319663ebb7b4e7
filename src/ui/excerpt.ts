/**
 * The part of a passage that is shown, as plain text segments.
 * In: text and marks (UTF-16 offsets). Out: segments that the view turns into text nodes and <mark>.
 * Deliberately not here: ranking of sentences (search/ decides what matches), HTML of any kind.
 */
import type { Mark } from '../types';

/** A stretch of text that is marked or not. */
export interface Segment {
  text: string;
  marked: boolean;
}

/** Splits `text` at its marks; marks that overlap or lie outside are clipped. */
export function markSegments(text: string, marks: readonly Mark[]): Segment[] {
  const segments: Segment[] = [];
  const push = (start: number, end: number, marked: boolean) => {
    if (end > start) segments.push({ text: text.slice(start, end), marked });
  };
  let at = 0;
  for (const [from, to] of [...marks].sort((a, b) => a[0] - b[0])) {
    const start = Math.max(at, from);
    const end = Math.min(text.length, to);
    if (end <= start) continue;
    push(at, start, false);
    push(start, end, true);
    at = end;
  }
  push(at, text.length, false);
  return segments;
}

/**
 * A window of about `length` code units, cut between words and with ellipses where cut: from the quote's first word on,
 * unless a later part of a long quote holds more marks. Without a quote, the most marks of the text; without marks, its
 * beginning. Cost: marks².
 */
export function excerpt(
  text: string,
  marks: readonly Mark[],
  length: number,
  quote?: Mark | null,
): Segment[] {
  if (text.length <= length) return markSegments(text, marks);
  const lead = Math.round(length / 4);
  const [quoteStart, quoteEnd] = quote ?? [0, text.length];
  const within = marks.filter(([start, end]) => start >= quoteStart && end <= quoteEnd);
  let best = quoteStart;
  let bestCount = 0;
  for (const start of [quoteStart, ...within.map((mark) => mark[0] - lead)]) {
    const from = Math.max(quoteStart, start);
    const count = within.filter((mark) => mark[0] >= from && mark[1] <= from + length).length;
    if (count > bestCount) [best, bestCount] = [from, count];
  }
  const latest = text.length - length;
  const from = best === quoteStart && best <= latest ? best : wordStart(text, Math.min(best, latest));
  const to = from + length >= text.length ? text.length : wordEnd(text, from, from + length);
  const inside = marks
    .map(([start, end]): Mark => [Math.max(0, start - from), Math.min(to, end) - from])
    .filter(([start, end]) => end > start);
  const segments = markSegments(text.slice(from, to), inside);
  if (from > 0) segments.unshift({ text: '… ', marked: false });
  if (to < text.length) segments.push({ text: ' …', marked: false });
  return segments;
}

/** The next word's start, unless the script writes no spaces near. */
function wordStart(text: string, from: number): number {
  const space = text.slice(from, from + 24).search(/\s[\p{L}\p{N}]/u);
  return space < 0 ? wholeCharacter(text, from) : from + space + 1;
}

function wordEnd(text: string, from: number, to: number): number {
  const space = text.lastIndexOf(' ', to);
  return space > Math.max(from, to - 24) ? space : wholeCharacter(text, to);
}

/** Never cut between the halves of a surrogate pair. */
function wholeCharacter(text: string, at: number): number {
  return /[\uDC00-\uDFFF]/.test(text[at] ?? '') ? at - 1 : at;
}
