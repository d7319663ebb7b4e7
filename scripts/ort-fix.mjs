/**
 * Makes ONNX Runtime's web build fit for a library: the glue stays an external file, and its leftover
 * `new URL('ort.*.mjs', import.meta.url)` goes, which a consumer's webpack would try to resolve and fail on.
 * In: the code of ort.*.min.mjs. Out: the same without asset addresses. Fails when ORT's shape has changed.
 */

/** Package conditions under which onnxruntime-web leaves its glue (`.mjs`) outside the bundle. */
export const runtimeConditions = [
  'onnxruntime-web-use-extern-wasm',
  'browser',
  'import',
  'module',
  'default',
];

const isFilePage = 'import.meta.url>"file:"&&import.meta.url<"file;"';
const ownAddress = /new URL\(new \w+\("ort\.[\w.]+\.mjs",import\.meta\.url\)\.href,\w+\)\.href/g;

/** A plugin for Rolldown and Vite. */
export const ortFix = {
  name: 'ort-fix',
  transform(code, id) {
    if (!/onnxruntime-web\/dist\/ort\.(wasm|jspi)\.min\.mjs$/.test(id)) return null;
    const fixed = code.replaceAll(isFilePage, 'false').replaceAll(ownAddress, '""');
    if (/new URL\([^)]*ort\./.test(fixed)) {
      throw new Error(
        `onnxruntime-web changed: expected no address left in ${id}; adapt scripts/ort-fix.mjs`,
      );
    }
    return { code: fixed, map: null };
  },
};
