/**
 * Small panels of lines as one SVG: both scales logarithmic, readable on a light and on a dark page.
 * In: panels of points. Out: the SVG as text. Series are told apart by colour, dash and mark.
 */

export interface Point {
  at: number;
  /** What stands below the axis. */
  label: string;
  /** By series. Units: milliseconds. */
  ms: Record<string, number>;
}

export interface Panel {
  title: string;
  /** What the horizontal axis counts. */
  axis: string;
  points: Point[];
  /** The largest value stands on the left. Default false. */
  falling?: boolean;
}

const width = 960;
const panelHeight = 320;
const legendHeight = 64;
/** Room around the lines of a panel, for titles and labels. */
const margin = { left: 64, right: 30, top: 42, bottom: 50 };
const columns = 2;
/** Labels on an axis stand at least this far apart. */
const labelSpacing = { x: 38, y: 13 };

interface Style {
  colour: string;
  dash: string;
}

/** nearbit is drawn in full, what it is held against in dashes. */
const styles: Record<string, Style> = {
  'nearbit, Chromium': { colour: 'a', dash: '' },
  'nearbit, Node': { colour: 'b', dash: '' },
  native: { colour: 'c', dash: '7 3' },
  'plain read, Chromium': { colour: 'a', dash: '2 3' },
  'plain read, Node': { colour: 'b', dash: '2 3' },
};
const otherStyle: Style = { colour: 'd', dash: '' };

const css = `
  text { font: 12px system-ui, sans-serif; fill: #24292f }
  .title { font-weight: 600; font-size: 13px }
  .grid { stroke: #d0d7de; stroke-width: 1 }
  .line { fill: none; stroke-width: 2 }
  .a { stroke: #0550ae } .b { stroke: #1a7f37 } .c { stroke: #bc4c00 } .d { stroke: #8250df }
  .mark.a { fill: #0550ae } .mark.b { fill: #1a7f37 } .mark.c { fill: #bc4c00 } .mark.d { fill: #8250df }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 }
    .grid { stroke: #3d444d }
    .a { stroke: #79c0ff } .b { stroke: #56d364 } .c { stroke: #ffa657 } .d { stroke: #d2a8ff }
    .mark.a { fill: #79c0ff } .mark.b { fill: #56d364 } .mark.c { fill: #ffa657 } .mark.d { fill: #d2a8ff }
  }`;

/** Panels without points are left out. */
export function plotPanels(title: string, panels: readonly Panel[]): string {
  const drawn = panels.filter(({ points }) => points.length > 0);
  const present = new Set(drawn.flatMap(({ points }) => points.flatMap(({ ms }) => Object.keys(ms))));
  const series = [...new Set([...Object.keys(styles), ...present])].filter((name) => present.has(name));
  const height = legendHeight + Math.ceil(drawn.length / columns) * panelHeight;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img">`,
    `<title>${escapeText(title)}</title>`,
    `<style>${css}\n</style>`,
    ...drawLegend(title, series),
    ...drawn.map((panel, i) => {
      const x = (i % columns) * (width / columns);
      const y = legendHeight + Math.floor(i / columns) * panelHeight;
      return `<g transform="translate(${x} ${y})">\n${drawPanel(panel, series).join('\n')}\n</g>`;
    }),
    '</svg>\n',
  ].join('\n');
}

function drawLegend(title: string, series: readonly string[]): string[] {
  const step = (width - margin.left) / Math.max(series.length, 1);
  return [
    `<text class="title" x="${margin.left}" y="22">${escapeText(title)}</text>`,
    ...series.flatMap((name, i) => {
      const x = margin.left + i * step;
      const y = 46;
      return [
        drawLine(
          name,
          [x, x + 28].map((at) => [at, y]),
        ),
        `<text x="${x + 34}" y="${y + 4}">${escapeText(name)}</text>`,
      ];
    }),
  ];
}

function drawPanel({ title, axis, points, falling = false }: Panel, series: readonly string[]): string[] {
  const sorted = points.toSorted((a, b) => (falling ? b.at - a.at : a.at - b.at));
  const right = width / columns - margin.right;
  const bottom = panelHeight - margin.bottom;
  const x = logScale(sorted[0]!.at, sorted.at(-1)!.at, margin.left, right);
  const times = points.flatMap(({ ms }) => Object.values(ms)).filter((ms) => ms > 0);
  const ticks = ticksAround(Math.min(...times), Math.max(...times));
  const y = logScale(ticks[0]!, ticks.at(-1)!, bottom, margin.top);

  const across = spaced(ticks, labelSpacing.y, y).map((ms) => {
    const at = round(y(ms));
    return `<path class="grid" d="M${margin.left} ${at}H${right}"/><text x="${margin.left - 8}" y="${at + 4}" text-anchor="end">${ms}</text>`;
  });
  const along = spaced(sorted, labelSpacing.x, (point) => x(point.at)).map(({ at, label }) => {
    const place = round(x(at));
    return `<path class="grid" d="M${place} ${margin.top}V${bottom}"/><text x="${place}" y="${bottom + 17}" text-anchor="middle">${escapeText(label)}</text>`;
  });
  const lines = series.map((name) => {
    const present = sorted.filter(({ ms }) => (ms[name] ?? 0) > 0);
    return drawLine(
      name,
      present.map(({ at, ms }) => [round(x(at)), round(y(ms[name]!))]),
    );
  });
  return [
    `<text class="title" x="${margin.left}" y="20">${escapeText(title)}</text>`,
    `<text x="${margin.left - 8}" y="${margin.top - 10}" text-anchor="end">ms</text>`,
    ...across,
    ...along,
    ...lines,
    `<text x="${(margin.left + right) / 2}" y="${bottom + 36}" text-anchor="middle">${escapeText(axis)}</text>`,
  ];
}

/** A line with a mark on each point. */
function drawLine(name: string, places: readonly (readonly number[])[]): string {
  if (places.length === 0) return '';
  const { colour, dash } = styles[name] ?? otherStyle;
  const dashes = dash && ` stroke-dasharray="${dash}"`;
  const path = places.map(([x, y], i) => `${i === 0 ? 'M' : 'L'}${x} ${y}`).join('');
  const marks = places.map(([x, y]) => `<circle class="mark ${colour}" cx="${x}" cy="${y}" r="2"/>`);
  return `<path class="line ${colour}"${dashes} d="${path}"/>${marks.join('')}`;
}

function logScale(from: number, to: number, start: number, end: number): (value: number) => number {
  const span = Math.log(to / from) || 1;
  return (value) => start + ((end - start) * Math.log(value / from)) / span;
}

/** Round numbers, from the last at or below `least` to the first at or above `most`; more of them where the range is short. */
function ticksAround(least: number, most: number): number[] {
  const digits = most / least < 8 ? [1, 1.5, 2, 3, 5, 7] : [1, 2, 5];
  const all: number[] = [];
  for (let power = -6; power <= 6; power++) for (const digit of digits) all.push(Number(`${digit}e${power}`));
  const first = all.findLastIndex((tick) => tick <= least);
  const last = all.findIndex((tick) => tick >= most);
  return all.slice(first, Math.max(last, first + 1) + 1);
}

/** The last one, and those that stand far enough from the one before and from the last. */
function spaced<T>(values: readonly T[], distance: number, place: (value: T) => number): T[] {
  const end = place(values.at(-1)!);
  let before = Number.NEGATIVE_INFINITY;
  return values.filter((value, i) => {
    const at = place(value);
    const isLast = i === values.length - 1;
    if (!isLast && (Math.abs(at - before) < distance || Math.abs(at - end) < distance)) return false;
    before = at;
    return true;
  });
}

const round = (value: number) => Math.round(value * 10) / 10;

const escapeText = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
