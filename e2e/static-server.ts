/**
 * A static server that keeps a log, as plain as a site's host: no Range requests, no framework.
 * In: folders by URL path. Out: an origin, and every request with the bytes that went over the wire.
 */
import { readFile, stat } from 'node:fs/promises';
import { createServer, type IncomingMessage } from 'node:http';
import { extname, join, normalize, sep } from 'node:path';
import { brotliCompressSync, gzipSync, constants as zlib } from 'node:zlib';

/** The policy that a page with nearbit must work under; workers get it too. */
export const strictPolicy =
  "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; connect-src 'self'; style-src 'self'";

const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.css': 'text/css',
  '.json': 'application/json',
  '.webmanifest': 'application/manifest+json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.wasm': 'application/wasm',
};

export interface StaticServerOptions {
  /** URL path (`/`, `/app/`) → folder; the longest path wins. */
  mounts: Record<string, string>;
  /** Content-Security-Policy of every response. Default `strictPolicy`. */
  policy?: string;
  /** Sends COOP and COEP, so that threads are allowed. Default false. */
  isolate?: boolean;
  /** Compresses text when asked to. Default true. */
  compress?: boolean;
}

export interface LoggedRequest {
  method: string;
  /** With the query, if it has one. */
  path: string;
  status: number;
  /** Body as sent, compression included. Units: bytes. */
  bytes: number;
}

type Tampered = number | ((file: Buffer) => Buffer) | null;

export interface StaticServer {
  origin: string;
  requests: LoggedRequest[];
  /** Answers instead of a file, when its time has come: a status, or a body made of the file's bytes. Null: the file. */
  tamper: ((path: string) => Tampered | Promise<Tampered>) | null;
  close(): Promise<void>;
}

export async function startStaticServer(options: StaticServerOptions): Promise<StaticServer> {
  const { mounts, policy = strictPolicy, isolate = false, compress = true } = options;
  const mountPaths = Object.keys(mounts).sort((a, b) => b.length - a.length);

  async function findFile(path: string): Promise<string | null> {
    const mount = mountPaths.find((start) => path.startsWith(start));
    if (!mount) return null;
    const folder = normalize(`${mounts[mount]!}${sep}`);
    const file = normalize(join(folder, path.slice(mount.length)));
    if (!file.startsWith(folder)) return null;
    const info = await stat(file).catch(() => null);
    if (info?.isDirectory()) return join(file, 'index.html');
    return info ? file : null;
  }

  async function respond(request: IncomingMessage) {
    const path = decodeURIComponent(new URL(request.url ?? '/', 'http://server').pathname);
    const headers: Record<string, string> = { 'content-security-policy': policy };
    if (isolate) {
      headers['cross-origin-opener-policy'] = 'same-origin';
      headers['cross-origin-embedder-policy'] = 'require-corp';
    }
    const tampered = (await server.tamper?.(path)) ?? null;
    const file = await findFile(path);
    if (path === '/favicon.ico') return { status: 204, headers, body: Buffer.alloc(0) };
    const bytes = file && (await readFile(file).catch(() => null));
    if (typeof tampered === 'number' || !file || !bytes) {
      const status = typeof tampered === 'number' ? tampered : 404;
      return { status, headers, body: Buffer.from(`${status}\n`) };
    }
    const type = types[extname(file)];
    headers['content-type'] = type ?? 'application/octet-stream';
    headers['cache-control'] = 'no-cache';
    let body = tampered ? tampered(bytes) : bytes;
    const accepted = String(request.headers['accept-encoding'] ?? '');
    if (compress && type && body.length > 1024) {
      if (accepted.includes('br')) {
        headers['content-encoding'] = 'br';
        body = brotliCompressSync(body, { params: { [zlib.BROTLI_PARAM_QUALITY]: 4 } });
      } else if (accepted.includes('gzip')) {
        headers['content-encoding'] = 'gzip';
        body = gzipSync(body);
      }
    }
    return { status: 200, headers, body };
  }

  const http = createServer((request, response) => {
    respond(request).then(
      ({ status, headers, body }) => {
        server.requests.push({ method: request.method!, path: request.url!, status, bytes: body.length });
        response.writeHead(status, { ...headers, 'content-length': body.length }).end(body);
      },
      (error) => response.destroy(error),
    );
  });
  await new Promise<void>((done) => http.listen(0, '127.0.0.1', done));
  const address = http.address();
  const port = typeof address === 'object' && address ? address.port : 0;

  const server: StaticServer = {
    origin: `http://127.0.0.1:${port}`,
    requests: [],
    tamper: null,
    close: () =>
      new Promise((done) => {
        http.closeAllConnections();
        http.close(() => done());
      }),
  };
  return server;
}
