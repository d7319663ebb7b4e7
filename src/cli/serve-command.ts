/**
 * `nearbit serve <dir>`: a static server with the headers we recommend, for trying an index before it is deployed.
 * In: the command's arguments. Out: a running server, its address on stdout. Not for production.
 */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { extname, join, normalize, resolve, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createBrotliCompress, createGzip, constants as zlib } from 'node:zlib';
import { NearbitError } from '../errors';
import { parseCommand, parseCount } from './options';

export const serveUsage = 'nearbit serve <dir> [--port <n>] [--isolate]';

/** The strictest policy that every tier works under. */
export const contentSecurityPolicy =
  "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; connect-src 'self'; style-src 'self'; img-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'";

const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.webmanifest': 'application/manifest+json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.md': 'text/plain; charset=utf-8',
  '.txt': 'text/plain; charset=utf-8',
  '.wasm': 'application/wasm',
};
const compressible = /^(?:text|application\/(?:json|manifest)|image\/svg)/;
/** Blocks and sets of the instant tier are named by their content and never change. */
const immutable = /\/(?:blocks\/[0-9a-f]{32}\.[a-z]+|instant\/[0-9a-f]{32}\/[^/]+)$/;

export interface ServeOptions {
  root: string;
  port: number;
  /** Adds COOP and COEP, so that the page may use threads. */
  isolate: boolean;
}

/** The server listens on the loopback address only. Errors: usage when the port is taken or the folder is missing. */
export async function serveFolder({
  root,
  port,
  isolate,
}: ServeOptions): Promise<{ url: string; close(): Promise<void> }> {
  if (!(await stat(root).catch(() => null))?.isDirectory())
    throw new NearbitError('usage', {
      what: 'Cannot serve',
      expected: 'a folder',
      received: root,
      fix: 'pass the folder of the site',
    });
  const server = createServer((request, response) => {
    respond(root, isolate, request, response).catch(() => response.destroy());
  });
  await new Promise<void>((done, failed) => {
    server.once('error', (cause: NodeJS.ErrnoException) =>
      failed(
        new NearbitError(
          'usage',
          {
            what: 'Cannot serve',
            expected: `port ${port} to be free`,
            received: cause.code ?? cause.message,
            fix: 'pass another --port',
          },
          { cause },
        ),
      ),
    );
    server.listen(port, '127.0.0.1', done);
  });
  const address = server.address();
  const bound = typeof address === 'object' && address ? address.port : port;
  return {
    url: `http://127.0.0.1:${bound}/`,
    close: () =>
      new Promise((done) => {
        server.closeAllConnections();
        server.close(() => done());
      }),
  };
}

async function respond(
  root: string,
  isolate: boolean,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  response.setHeader('x-content-type-options', 'nosniff');
  response.setHeader('content-security-policy', contentSecurityPolicy);
  if (isolate) {
    response.setHeader('cross-origin-opener-policy', 'same-origin');
    response.setHeader('cross-origin-embedder-policy', 'require-corp');
  }
  const found = await findFile(root, request.url ?? '/');
  if (!found || (request.method !== 'GET' && request.method !== 'HEAD')) {
    response
      .writeHead(found ? 405 : 404, { 'content-type': 'text/plain; charset=utf-8' })
      .end(found ? 'Method not allowed\n' : 'Not found\n');
    return;
  }
  if (typeof found === 'string') {
    response.writeHead(301, { location: found }).end();
    return;
  }
  const { path, size, modified } = found;
  const type = types[extname(path).toLowerCase()] ?? 'application/octet-stream';
  const tag = `"${size.toString(36)}-${modified.toString(36)}"`;
  response.setHeader('content-type', type);
  response.setHeader('etag', tag);
  response.setHeader('vary', 'accept-encoding');
  response.setHeader(
    'cache-control',
    immutable.test(path.split(sep).join('/')) ? 'public, max-age=31536000, immutable' : 'no-cache',
  );
  if (request.headers['if-none-match'] === tag) {
    response.writeHead(304).end();
    return;
  }
  const accepted = String(request.headers['accept-encoding'] ?? '');
  const encoding =
    !compressible.test(type) || size < 1024
      ? null
      : /\bbr\b/.test(accepted)
        ? 'br'
        : /\bgzip\b/.test(accepted)
          ? 'gzip'
          : null;
  if (encoding) response.setHeader('content-encoding', encoding);
  else response.setHeader('accept-ranges', 'bytes');
  const range = encoding || request.method === 'HEAD' ? null : rangeOf(request, tag, size);
  if (range === 'not satisfiable') {
    response.writeHead(416, { 'content-range': `bytes */${size}` }).end();
    return;
  }
  const [from, to] = range ?? [0, size - 1];
  if (range) response.setHeader('content-range', `bytes ${from}-${to}/${size}`);
  if (!encoding) response.setHeader('content-length', to + 1 - from);
  response.writeHead(range ? 206 : 200);
  if (request.method === 'HEAD' || size === 0) {
    response.end();
    return;
  }
  const file = createReadStream(path, { start: from, end: to });
  if (encoding === 'br')
    await pipeline(file, createBrotliCompress({ params: { [zlib.BROTLI_PARAM_QUALITY]: 5 } }), response);
  else if (encoding === 'gzip') await pipeline(file, createGzip(), response);
  else await pipeline(file, response);
}

/**
 * First and last byte of a request for one range; null: send the whole file, which is always right (RFC 9110, 14.2).
 * Several ranges, other units and ranges that do not parse are answered so, and `If-Range` with another version.
 */
function rangeOf(
  { headers }: IncomingMessage,
  tag: string,
  size: number,
): [from: number, to: number] | 'not satisfiable' | null {
  const [, first = '', last = ''] = /^bytes=(\d*)-(\d*)$/.exec(headers.range ?? '') ?? [];
  if (first + last === '' || (headers['if-range'] ?? tag) !== tag) return null;
  // Without a first byte, the last number counts from the end.
  const from = first === '' ? Math.max(0, size - Number(last)) : Number(first);
  const to = first === '' || last === '' ? size - 1 : Math.min(size - 1, Number(last));
  if (first !== '' && last !== '' && Number(last) < from) return null;
  return from > to ? 'not satisfiable' : [from, to];
}

/** A file, a redirect (a folder without its slash), or null. Paths never leave the root. */
async function findFile(
  root: string,
  url: string,
): Promise<{ path: string; size: number; modified: number } | string | null> {
  let pathname: string;
  try {
    pathname = decodeURIComponent(new URL(url, 'http://localhost').pathname);
  } catch {
    return null;
  }
  const base = resolve(root);
  let path = normalize(join(base, pathname));
  if (path !== base && !path.startsWith(base + sep)) return null;
  let info = await stat(path).catch(() => null);
  if (info?.isDirectory()) {
    if (!pathname.endsWith('/')) return `${encodeURI(pathname)}/`;
    path = join(path, 'index.html');
    info = await stat(path).catch(() => null);
  }
  return info?.isFile() ? { path, size: info.size, modified: info.mtimeMs } : null;
}

/** Runs until it is told to stop. */
export async function serveCommand(args: string[]): Promise<number> {
  const { values, positionals } = parseCommand(
    args,
    serveUsage,
    { port: { type: 'string' }, isolate: { type: 'boolean' } },
    1,
  );
  const port = parseCount('port', values.port, 8080, 65_535);
  const server = await serveFolder({
    root: resolve(positionals[0]!),
    port,
    isolate: values.isolate ?? false,
  });
  console.log(`Serving ${positionals[0]} at ${server.url}`);
  await new Promise<void>((done) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, done);
  });
  await server.close();
  return 0;
}
