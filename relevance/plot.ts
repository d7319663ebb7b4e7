/**
 * Quality against what it costs, as one SVG: bytes of a passage's code, milliseconds of a query.
 * In: points. Out: SVG text with a title and a description, in the reader's colours.
 * Deliberately no library: two panels of points.
 */

export interface Point {
  label: string;
  x: number;
  y: number;
  /** What ships. */
  isUsual: boolean;
}

export interface Panel {
  title: string;
  x: string;
  y: string;
  /** Equal steps for equal factors. */
  isLogarithmic: boolean;
  points: readonly Point[];
}

const width = 460;
const height = 320;
/** Units: px between the middles of two numbers below the axis. */
const tickRoom = 22;
/** Of the labels' letters, on average. Units: px. */
const letterWidth = 6;
const margin = { left: 56, right: 20, top: 34, bottom: 44 };

export function plot(title: string, panels: readonly Panel[]): string {
  const whole = width * panels.length;
  const described = panels
    .map(
      (panel) =>
        `${panel.title}: ${panel.points.map(({ label, x, y }) => `${label} ${short(x)}, ${y.toFixed(3)}`).join('; ')}.`,
    )
    .join(' ');
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${whole} ${height}" role="img" aria-labelledby="title desc">`,
    `<title id="title">${escaped(title)}</title>`,
    `<desc id="desc">${escaped(described)}</desc>`,
    '<style>text{font:11px system-ui,sans-serif;fill:#222}.axis{stroke:#888}.grid{stroke:#ddd}.point{fill:#777}.usual{fill:#0b57d0}',
    '@media(prefers-color-scheme:dark){text{fill:#ddd}.grid{stroke:#444}.point{fill:#aaa}.usual{fill:#8ab4f8}}</style>',
    ...panels.map((panel, i) => `<g transform="translate(${i * width} 0)">${panelOf(panel)}</g>`),
    '</svg>',
    '',
  ].join('\n');
}

function panelOf({ title, x: xName, y: yName, isLogarithmic, points }: Panel): string {
  const right = width - margin.right;
  const bottom = height - margin.bottom;
  const of = (value: number) => (isLogarithmic ? Math.log2(value) : value);
  const xs = points.map(({ x }) => of(x));
  const ys = points.map(({ y }) => y);
  const [left, far] = isLogarithmic ? spread(xs, 0.06) : [0, Math.max(...xs, 1) * 1.25];
  const [low, high] = spread(ys, 0.1);
  const placeX = (value: number) => margin.left + ((of(value) - left) / (far - left)) * (right - margin.left);
  const placeY = (value: number) => bottom - ((value - low) / (high - low)) * (bottom - margin.top);
  const parts = [
    `<text x="${margin.left}" y="18" font-weight="bold">${escaped(title)}</text>`,
    `<text x="${(margin.left + right) / 2}" y="${height - 8}" text-anchor="middle">${escaped(xName)}</text>`,
    `<text transform="translate(13 ${(margin.top + bottom) / 2}) rotate(-90)" text-anchor="middle">${escaped(yName)}</text>`,
    `<path class="axis" fill="none" d="M${margin.left} ${margin.top}V${bottom}H${right}"/>`,
  ];
  for (const y of steps(low, high))
    parts.push(
      `<path class="grid" d="M${margin.left} ${at(placeY(y))}H${right}"/>`,
      `<text x="${margin.left - 5}" y="${at(placeY(y) + 4)}" text-anchor="end">${y.toFixed(high - low < 0.05 ? 3 : 2)}</text>`,
    );
  const ticks = isLogarithmic ? points.map(({ x }) => x) : steps(0, far);
  let last = Number.NEGATIVE_INFINITY;
  for (const x of ticks.sort((a, b) => a - b)) {
    if (placeX(x) - last < tickRoom) continue;
    last = placeX(x);
    parts.push(`<text x="${at(last)}" y="${bottom + 15}" text-anchor="middle">${short(x)}</text>`);
  }
  const marks = points.map((point) => ({ ...point, atX: placeX(point.x), atY: placeY(point.y) }));
  const taken = marks.map(
    ({ atX, atY }): Box => ({ left: atX - 4, right: atX + 4, top: atY - 4, bottom: atY + 4 }),
  );
  for (const { label, isUsual, atX, atY } of marks.sort((a, b) => a.x - b.x)) {
    const spots = spotsAround(atX, atY, label);
    const spot =
      spots.find(
        ({ box }) =>
          box.left > margin.left && box.right < width && !taken.some((other) => overlaps(box, other)),
      ) ?? spots[0]!;
    taken.push(spot.box);
    parts.push(
      `<circle class="${isUsual ? 'usual' : 'point'}" cx="${at(atX)}" cy="${at(atY)}" r="4"/>`,
      `<text x="${at(spot.x)}" y="${at(spot.y)}" text-anchor="${spot.anchor}">${escaped(label)}</text>`,
    );
  }
  return parts.join('\n');
}

interface Box {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

/** Where a point's label may stand, the best place first. */
function spotsAround(x: number, y: number, label: string) {
  const long = label.length * letterWidth;
  const spot = (textX: number, textY: number, anchor: 'start' | 'end') => {
    const left = anchor === 'start' ? textX : textX - long;
    return {
      x: textX,
      y: textY,
      anchor,
      box: { left, right: left + long, top: textY - 9, bottom: textY + 3 },
    };
  };
  return [
    spot(x + 8, y + 4, 'start'),
    spot(x - 8, y + 4, 'end'),
    spot(x - 4, y - 9, 'start'),
    spot(x - 4, y + 16, 'start'),
    spot(x + 4, y - 9, 'end'),
    spot(x + 4, y + 16, 'end'),
  ];
}

function overlaps(a: Box, b: Box): boolean {
  return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
}

/** From the lowest to the highest with some air. */
function spread(values: readonly number[], air: number): [number, number] {
  const low = Math.min(...values);
  const high = Math.max(...values);
  const more = (high - low || Math.abs(high) || 1) * air;
  return [low - more, high + more];
}

/** Round numbers between both, about five. */
function steps(low: number, high: number): number[] {
  const rough = (high - low) / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((size) => size >= rough)!;
  const first = Math.ceil(low / step);
  return Array.from({ length: Math.floor(high / step) - first + 1 }, (_, i) => (first + i) * step);
}

function short(value: number): string {
  return String(Number(value.toPrecision(3)));
}

function at(value: number): string {
  return value.toFixed(1);
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
