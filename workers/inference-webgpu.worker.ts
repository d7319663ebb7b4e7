/** Inference on ONNX Runtime's WebGPU build that needs JSPI. */
import { openWebGpuSession } from '../src/embed/ort-webgpu';
import { serveInference } from './inference';

serveInference(openWebGpuSession);
