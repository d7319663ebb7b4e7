/** Inference on ONNX Runtime's WebGPU build that needs JSPI. */
import { openWebGpuGraph } from '../src/embed/ort-webgpu';
import { serveInference } from './inference';

serveInference(openWebGpuGraph);
