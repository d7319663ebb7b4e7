/// <reference types="vite/client" />
/** Where the test server has ONNX Runtime's WebAssembly and its script. */
import glueUrl from 'onnxruntime-web/ort-wasm-simd-threaded.mjs?url';
import wasmUrl from 'onnxruntime-web/ort-wasm-simd-threaded.wasm?url';

export { glueUrl, wasmUrl };
