/** Inference on ONNX Runtime's WebAssembly build. */
import { openWasmGraph } from '../src/embed/ort-web';
import { serveInference } from './inference';

serveInference(openWasmGraph);
