/**
 * The bytes of a page to its text, as a browser would read them without HTTP headers.
 * In: a file's bytes and its path for messages. Out: a string without byte order mark.
 * Order: byte order mark, `<meta charset>` or `http-equiv` in the first 1,024 bytes, UTF-8.
 * Deliberately not here: guesses by language; a page that is neither declared nor UTF-8 is read as windows-1252.
 * Source: HTML Living Standard 13.2.3 (determining the character encoding); Encoding Standard (labels).
 */
import { NearbitError } from '../errors';

/** How far the standard looks for a declaration. Units: bytes. */
const declarationBytes = 1024;
/** How far we look when the page is not valid UTF-8 (browsers reload such a page when they meet a late one). */
const lateDeclarationBytes = 65_536;
/** How much is looked at to tell text from binary content, and the share of control bytes that text never has. */
const sniffedBytes = 4096;
const binaryShare = 1 / 50;

/** Windows-1252 from 0x80 to 0x9f. */
const windows1252 = '€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ';

/** Files that are renamed to .html by mistake, by their first bytes. */
const signatures: [name: string, ...start: number[]][] = [
  ['a PNG image', 0x89, 0x50, 0x4e, 0x47],
  ['a JPEG image', 0xff, 0xd8, 0xff],
  ['a GIF image', 0x47, 0x49, 0x46, 0x38],
  ['a PDF document', 0x25, 0x50, 0x44, 0x46],
  ['a ZIP archive', 0x50, 0x4b, 0x03, 0x04],
  ['gzip data', 0x1f, 0x8b],
];

/**
 * Decodes a page.
 * Errors: NearbitError `page-unreadable` for an empty file, binary content and an unknown declared encoding.
 */
export function decodeHtml(bytes: Uint8Array, path: string): string {
  if (bytes.length === 0) {
    throw unreadable(path, 'an HTML page', 'an empty file', 'build the site again or remove the file');
  }
  const mark = byteOrderMark(bytes);
  if (mark) return new TextDecoder(mark).decode(bytes);
  refuseBinary(bytes, path);

  const declared = declaredEncoding(bytes.subarray(0, declarationBytes));
  if (declared) return decodeAs(declared, bytes, path);
  const text = new TextDecoder().decode(bytes);
  if (!text.includes('\ufffd')) return text;
  const late = declaredEncoding(bytes.subarray(0, lateDeclarationBytes));
  return late ? decodeAs(late, bytes, path) : mendUtf8(text, bytes);
}

function byteOrderMark(bytes: Uint8Array): string | null {
  const [first, second, third] = bytes;
  if (first === 0xef && second === 0xbb && third === 0xbf) return 'utf-8';
  if (first === 0xfe && second === 0xff) return 'utf-16be';
  if (first === 0xff && second === 0xfe) return 'utf-16le';
  return null;
}

function refuseBinary(bytes: Uint8Array, path: string): void {
  const head = bytes.subarray(0, sniffedBytes);
  const known = signatures.find(([, ...start]) => start.every((byte, i) => head[i] === byte));
  let controls = 0;
  for (const byte of head) if (isControlByte(byte)) controls++;
  if (!known && controls <= head.length * binaryShare) return;
  const received = known
    ? known[0]
    : `binary data (${controls} of the first ${head.length} bytes are control characters)`;
  throw unreadable(path, 'HTML text', received, 'save it as HTML in UTF-8 or keep it out of the site folder');
}

/** Bytes that no text in an ASCII-compatible encoding holds (MIME Sniffing Standard, binary data byte). */
function isControlByte(byte: number): boolean {
  return byte <= 0x08 || byte === 0x0b || (byte >= 0x0e && byte <= 0x1a) || (byte >= 0x1c && byte <= 0x1f);
}

/** The label a page declares in its XML declaration or in a meta element, lower case. */
function declaredEncoding(bytes: Uint8Array): string | null {
  // Every encoding but UTF-16 writes a declaration in ASCII; what else this misreads does not matter here.
  const head = new TextDecoder('windows-1252').decode(bytes);
  const xml = /^<\?xml[^>]*?\sencoding\s*=\s*["']([^"']+)/i.exec(head);
  if (xml) return meant(xml[1]!);
  const tags = head.replace(/<!--[\s\S]*?(?:-->|$)/g, '').matchAll(/<meta[\s/]([^>]{0,1000})>/gi);
  for (const [, inside] of tags) {
    const attributes = readAttributes(inside!);
    if (attributes.charset) return meant(attributes.charset);
    if (attributes['http-equiv']?.toLowerCase() !== 'content-type') continue;
    const label = /charset\s*=\s*["']?([^\s"';]+)/i.exec(attributes.content ?? '');
    if (label) return meant(label[1]!);
  }
  return null;
}

function readAttributes(inside: string): Record<string, string> {
  const found: Record<string, string> = {};
  for (const match of inside.matchAll(/([^\s=/"']+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"']+))/g)) {
    found[match[1]!.toLowerCase()] ??= match[2] ?? match[3] ?? match[4]!;
  }
  return found;
}

/** The standard's two exceptions: whoever could read the declaration as ASCII is not looking at UTF-16. */
function meant(label: string): string {
  const lower = label.trim().toLowerCase();
  if (lower.startsWith('utf-16')) return 'utf-8';
  return lower === 'x-user-defined' ? 'windows-1252' : lower;
}

function decodeAs(label: string, bytes: Uint8Array, path: string): string {
  let decoder: TextDecoder;
  try {
    decoder = new TextDecoder(label);
  } catch (cause) {
    throw unreadable(
      path,
      'an encoding that browsers know',
      `<meta charset="${label.slice(0, 40)}">`,
      'save the page as UTF-8 and declare that',
      cause,
    );
  }
  if (decoder.encoding === 'windows-1252') return decodeWindows1252(bytes);
  const text = decoder.decode(bytes);
  return decoder.encoding === 'utf-8' && text.includes('\ufffd') ? mendUtf8(text, bytes) : text;
}

/**
 * UTF-8 with a few broken bytes stays UTF-8; where more characters broke than survived, the page was never UTF-8.
 * Browsers show such a declared page as replacement characters; its words are worth finding all the same.
 */
function mendUtf8(text: string, bytes: Uint8Array): string {
  let broken = 0;
  let whole = 0;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit === 0xfffd) broken++;
    else if (unit > 0x7f) whole++;
  }
  return whole > broken ? text : decodeWindows1252(bytes);
}

/** TextDecoder, with quotes, dashes and the euro sign also in Node 20, which takes windows-1252 for Latin-1. */
function decodeWindows1252(bytes: Uint8Array): string {
  const text = new TextDecoder('windows-1252').decode(bytes);
  return text.replace(/[\u0080-\u009f]/g, (c) => windows1252.charAt(c.charCodeAt(0) - 0x80));
}

function unreadable(path: string, expected: string, received: string, fix: string, cause?: unknown) {
  return new NearbitError('page-unreadable', { path, expected, received, fix }, { cause });
}
