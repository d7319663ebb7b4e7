/**
 * A model folder on this origin as ModelFiles.
 * In: the folder's address. Out: files by path, through the browser's own HTTP cache.
 * Deliberately not here: models of an index, which are blocks of it (first-runtime.ts of the client).
 */

import { describe, ModelError } from '../errors';
import type { ModelFiles } from './model-files';

/** Answers that say a file is not there; any other failure is one. */
const absent = [404, 410];

/** `url` ends with a slash. Errors of `read`: ModelError `model-missing` with what the server or the network said. */
export function httpModelFolder(url: string): ModelFiles {
  return {
    name: url,
    async read(path) {
      const missing = (received: string, cause?: unknown) =>
        new ModelError('model-missing', { expected: `${path} in ${url}`, received }, { cause });
      let response: Response;
      try {
        response = await fetch(url + path);
      } catch (cause) {
        throw missing(describe(cause), cause);
      }
      // Many hosts answer unknown addresses with a page and status 200.
      const isPage = response.headers.get('content-type')?.startsWith('text/html');
      if (absent.includes(response.status) || isPage) return null;
      if (!response.ok) throw missing(`status ${response.status}`);
      return new Uint8Array(await response.arrayBuffer());
    },
  };
}
