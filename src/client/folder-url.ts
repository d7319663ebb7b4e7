/** Absolute and with a slash at its end, so that it names one index however it was written. */
export function folderUrl(source: string | URL): string {
  const url = new URL(source, globalThis.document?.baseURI ?? globalThis.location?.href);
  url.hash = '';
  url.search = '';
  if (!url.pathname.endsWith('/')) url.pathname += '/';
  return url.href;
}
