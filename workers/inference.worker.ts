/** Inference on ONNX Runtime's WebAssembly build. */
import { openWasmSession } from '../src/embed/ort-web';
import { serveInference } from './inference';

serveInference(openWasmSession);
