/**
 * A cards part: what hits show of a few consecutive pages.
 * In: cards. Out: payload bytes (sealed by instant-part.ts, which deflates them), and back.
 * Payload: UTF-8 fields, each ended by NUL. A page: url · id ("" where it is the url) · title · description · one digit a
 * passage (1: its text is cut short) · heading, anchor ("": none) and text of each passage.
 * NUL inside a text becomes U+FFFD, as HTML reads it. Next to JSON this saves 4 % after DEFLATE (MDN, 8 pages a part).
 */
import { corrupt, glimpse } from './damage';
import type { Card } from './instant-shape';

const end = '\0';

/** The same cards give the same bytes. */
export function encodeCards(cards: readonly Card[]): Uint8Array {
  let text = '';
  const write = (field: string) => {
    text += field.replaceAll(end, '\ufffd') + end;
  };
  for (const { id, url, title, description, passages } of cards) {
    for (const field of [url, id === url ? '' : id, title, description]) write(field);
    write(passages.map(({ isCut }) => (isCut ? '1' : '0')).join(''));
    for (const passage of passages)
      for (const field of [passage.heading, passage.anchor ?? '', passage.text]) write(field);
  }
  return new TextEncoder().encode(text);
}

/** Errors: FormatError format-corrupt. */
export function decodeCards(payload: Uint8Array, path: string): Card[] {
  const fields = new TextDecoder('utf-8', { ignoreBOM: true }).decode(payload).split(end);
  let at = 0;
  const read = (): string => {
    const field = fields[at++];
    // The last one is what follows the last NUL.
    if (field === undefined || at === fields.length)
      throw corrupt(path, 'whole cards', `${glimpse(payload)}, which end in the middle of one`);
    return field;
  };
  const cards: Card[] = [];
  while (at < fields.length - 1) {
    const url = read();
    const id = read() || url;
    const title = read();
    const description = read();
    const passages = Array.from(read(), (digit) => ({
      heading: read(),
      anchor: read() || null,
      text: read(),
      isCut: digit === '1',
    }));
    cards.push({ id, url, title, description, passages });
  }
  if (fields[at] !== '')
    throw corrupt(path, 'whole cards', `${glimpse(payload)}, which end in the middle of one`);
  return cards;
}
