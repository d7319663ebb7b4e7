/**
 * A certificate for a server on this machine, since browsers speak HTTP/2 over TLS alone.
 * In: a folder to keep it in. Out: key and certificate, or null where there is no openssl.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Certificate } from './server';

/** Trusted by nobody: contexts have to ignore it. */
export function readyCertificate(folder: string): Certificate | null {
  const key = join(folder, 'localhost.key');
  const cert = join(folder, 'localhost.crt');
  if (!existsSync(cert)) {
    const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '365'];
    const args = ['req', '-x509', ...kind, '-subj', '/CN=127.0.0.1', '-keyout', key, '-out', cert];
    if (spawnSync('openssl', args, { stdio: 'ignore' }).status !== 0) return null;
  }
  return { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') };
}
