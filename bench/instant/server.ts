/**
 * A static server as plain as a small host: files, gzip for text, one range of bytes, the headers hosts send.
 * In: folders by URL path. Out: an origin, and what went over the wire for each request, by the socket's own count.
 * Unlike the server of the end-to-end tests it knows Range, keeps no request from the cache and tampers with nothing.
 */
import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createSecureServer } from 'node:http2';
import type { Socket } from 'node:net';
import { extname, join, normalize, sep } from 'node:path';
import { gzipSync } from 'node:zlib';

const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
};
/** What hosts compress by default: text. */
const isText = (type: string): boolean => /^text\/|json|svg/.test(type);

export interface ServerOptions {
  /** URL path (`/`, `/app/`) → folder, or a page's HTML; the longest path wins. */
  mounts: Record<string, string | { html: string }>;
  /** Answers 206 to one range of bytes. Default true. */
  ranges?: boolean;
  /** Waited before each answer, so that requests that wait for one another can be told from those sent together. Units: milliseconds. */
  delayMs?: number;
  /** Speaks HTTP/2 with this certificate; requests then share sockets, and their bytes are not told apart. */
  http2?: Certificate | null;
}

export interface Certificate {
  key: string;
  cert: string;
}

export interface ServedRequest {
  path: string;
  status: number;
  /** Request line and headers. Units: bytes. */
  requestBytes: number;
  /** Status line, headers and body. Units: bytes. */
  responseBytes: number;
}

export interface InstantServer {
  origin: string;
  requests: ServedRequest[];
  ranges: boolean;
  delayMs: number;
  close(): Promise<void>;
}

interface File {
  bytes: Buffer;
  gzip: Buffer | null;
  type: string;
  etag: string;
  modified: string;
}

export async function startInstantServer(options: ServerOptions): Promise<InstantServer> {
  const files = new Map<string, File | null>();
  const fileAt = (path: string): File | null => {
    let file = files.get(path);
    if (file === undefined) {
      file = openFile(options.mounts, path);
      files.set(path, file);
    }
    return file;
  };
  /** Bytes of each socket that belong to earlier responses. */
  const written = new WeakMap<Socket, number>();

  const serve = (request: IncomingMessage, response: ServerResponse) => {
    const path = decodeURIComponent(new URL(request.url ?? '/', 'http://server').pathname);
    const { socket } = request;
    response.on('close', () => {
      // A request that its page gave up counts with what was sent of it.
      const before = written.get(socket) ?? 0;
      written.set(socket, socket.bytesWritten);
      server.requests.push({
        path,
        status: response.statusCode,
        requestBytes: requestBytesOf(request),
        responseBytes: socket.bytesWritten - before,
      });
    });
    const answer = () => respond(request, response, fileAt(path), server.ranges);
    if (server.delayMs > 0) setTimeout(answer, server.delayMs);
    else answer();
  };
  const http = createServer(serve);
  // As long as a browser may keep a connection it believes to be open.
  http.keepAliveTimeout = 75_000;
  // The same interface by Node's own promise (`http2`, compatibility API).
  const listening = options.http2 ? createSecureServer(options.http2, serve as never) : http;
  await new Promise<void>((done) => listening.listen(0, '127.0.0.1', done));
  const address = listening.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  const server: InstantServer = {
    origin: `${options.http2 ? 'https' : 'http'}://127.0.0.1:${port}`,
    requests: [],
    ranges: options.ranges ?? true,
    delayMs: options.delayMs ?? 0,
    close: () =>
      new Promise((done) => {
        http.closeAllConnections();
        // Sessions of HTTP/2 end with their browser context, which is closed by now.
        listening.close(() => done());
      }),
  };
  return server;
}

function respond(
  request: IncomingMessage,
  response: ServerResponse,
  file: File | null,
  ranges: boolean,
): void {
  if (!file) {
    const body = 'Not Found\n';
    response.writeHead(404, { 'content-type': 'text/plain', 'content-length': body.length }).end(body);
    return;
  }
  const headers: Record<string, string | number> = {
    'content-type': file.type,
    'last-modified': file.modified,
    etag: file.etag,
    // What GitHub Pages sends for everything.
    'cache-control': 'max-age=600',
    ...(ranges && { 'accept-ranges': 'bytes' }),
    ...(file.gzip && { vary: 'Accept-Encoding' }),
  };
  if (request.headers['if-none-match'] === file.etag) {
    response.writeHead(304, headers).end();
    return;
  }
  const range = ranges ? readRange(request.headers.range, file.bytes.length) : null;
  if (range) {
    const { start, end } = range;
    headers['content-range'] = `bytes ${start}-${end - 1}/${file.bytes.length}`;
    headers['content-length'] = end - start;
    response.writeHead(206, headers).end(file.bytes.subarray(start, end));
    return;
  }
  const zip = file.gzip && /\bgzip\b/.test(String(request.headers['accept-encoding'] ?? ''));
  const body = zip ? file.gzip! : file.bytes;
  if (zip) headers['content-encoding'] = 'gzip';
  headers['content-length'] = body.length;
  response.writeHead(200, headers).end(body);
}

/** One range within the file; anything else is answered with all of it, as hosts may. */
export function readRange(header: string | undefined, size: number): { start: number; end: number } | null {
  const [, first, last] = header?.match(/^bytes=(\d*)-(\d*)$/) ?? [];
  if (first === undefined || last === undefined || `${first}${last}` === '') return null;
  const start = first === '' ? Math.max(0, size - Number(last)) : Number(first);
  const end = first === '' || last === '' ? size : Math.min(size, Number(last) + 1);
  return start < end ? { start, end } : null;
}

function openFile(mounts: ServerOptions['mounts'], path: string): File | null {
  const mount = Object.keys(mounts)
    .filter((start) => path.startsWith(start))
    .sort((a, b) => b.length - a.length)[0];
  const place = mount === undefined ? undefined : mounts[mount];
  if (mount === undefined || place === undefined) return null;
  if (typeof place !== 'string')
    return path === mount ? fileOf(Buffer.from(place.html), '.html', new Date(0)) : null;
  const folder = normalize(`${place}${sep}`);
  const name = normalize(join(folder, path.slice(mount.length)));
  if (!name.startsWith(folder)) return null;
  const info = statSync(name, { throwIfNoEntry: false });
  if (!info) return null;
  const whole = info.isDirectory() ? join(name, 'index.html') : name;
  if (!statSync(whole, { throwIfNoEntry: false })?.isFile()) return null;
  return fileOf(readFileSync(whole), extname(whole), info.mtime);
}

function fileOf(bytes: Buffer, ending: string, modified: Date): File {
  const type = types[ending] ?? 'application/octet-stream';
  return {
    bytes,
    type,
    gzip: isText(type) && bytes.length > 256 ? gzipSync(bytes) : null,
    etag: `"${createHash('sha256').update(bytes).digest('hex').slice(0, 16)}"`,
    modified: modified.toUTCString(),
  };
}

function requestBytesOf({ method, url, httpVersion, rawHeaders }: IncomingMessage): number {
  const line = `${method} ${url} HTTP/${httpVersion}\r\n`.length;
  // Names and values by turns: ": " or the end of the line follows each.
  return line + rawHeaders.reduce((sum, text) => sum + Buffer.byteLength(text) + 2, 0) + 2;
}
