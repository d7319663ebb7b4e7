/**
 * One GPU device with the scan's pipelines and the buffers that all scanners share.
 * In: a scanner's buffers, a query. Out: candidates as sortable numbers, or null when the host must answer.
 * Everything goes through the device's queue in order, so overlapping scans share the buffers; only the ones read back are
 * one for each scan in flight. Whatever goes wrong on the device loses it for good, with the reason kept.
 */
import { describe } from '../../errors';
import { codeAt, countAt, maxCandidates, queryWords, rowsAt, scanShader, stateWords } from './scan.wgsl';

/** Numbers of one query. `words`: 64-bit words of a row. `within`: at most 1,024. */
export interface GpuQuery {
  code: Uint8Array;
  n: number;
  words: number;
  k: number;
  within: number;
  /** The rows to scan; all of them where undefined. */
  allowed: Uint32Array | undefined;
}

/** What a scanner keeps on the device, with room for a number of rows. */
export interface GpuRows {
  codes: GPUBuffer;
  allowed: GPUBuffer;
  distances: GPUBuffer;
  group: GPUBindGroup;
}

/** A distance and an ordinal as one number that sorts by both: distance × 2³² + ordinal. */
export const distanceUnit = 2 ** 32;

const readBytes = 4 * (stateWords - countAt);
const scopes: GPUErrorFilter[] = ['out-of-memory', 'validation'];

/** Compiles the scan. Errors: the promise rejects where the device refuses it. */
export async function openGpu(device: GPUDevice, tell: (reason: string) => void): Promise<Gpu> {
  const buffers = ['uniform', 'storage', 'read-only-storage', 'read-only-storage', 'storage'] as const;
  const layout = device.createBindGroupLayout({
    entries: buffers.map((type, binding) => ({
      binding,
      visibility: GPUShaderStage.COMPUTE,
      buffer: { type },
    })),
  });
  const module = device.createShaderModule({ code: scanShader });
  const pipelines = await Promise.all(
    ['measure', 'choose', 'collect'].map((entryPoint) =>
      device.createComputePipelineAsync({
        layout: device.createPipelineLayout({ bindGroupLayouts: [layout] }),
        compute: { module, entryPoint },
      }),
    ),
  );
  return new Gpu(device, layout, pipelines, tell);
}

export class Gpu {
  /** Why the device answers no more; null as long as it does. */
  lost: string | null = null;
  /** Largest buffer that a scan may read. */
  readonly maxBytes: number;
  readonly #device: GPUDevice;
  readonly #layout: GPUBindGroupLayout;
  readonly #pipelines: GPUComputePipeline[];
  readonly #query: GPUBuffer;
  readonly #state: GPUBuffer;
  /** Read-back buffers that no scan in flight uses. */
  readonly #spare: GPUBuffer[] = [];

  constructor(
    device: GPUDevice,
    layout: GPUBindGroupLayout,
    pipelines: GPUComputePipeline[],
    /** Hears why scans run here or not. */
    readonly tell: (reason: string) => void,
  ) {
    const { maxBufferSize, maxStorageBufferBindingSize } = device.limits;
    this.maxBytes = Math.min(maxBufferSize, maxStorageBufferBindingSize);
    this.#device = device;
    this.#layout = layout;
    this.#pipelines = pipelines;
    this.#query = this.#buffer(4 * queryWords, GPUBufferUsage.UNIFORM);
    this.#state = this.#buffer(4 * stateWords);
    void device.lost.then(({ message }) => this.lose(message || 'the browser took it back'));
  }

  /** Room for `capacity` rows, behind which `n` rows of `held` move in. To be called within `send`. */
  reserve(capacity: number, rowBytes: number, held: GpuRows | null, n: number): GpuRows {
    const codes = this.#buffer(capacity * rowBytes);
    const allowed = this.#buffer(4 * Math.ceil(capacity / 32));
    const distances = this.#buffer(4 * capacity);
    const entries = [this.#query, this.#state, codes, allowed, distances];
    const group = this.#device.createBindGroup({
      layout: this.#layout,
      entries: entries.map((buffer, binding) => ({ binding, resource: { buffer } })),
    });
    if (held) {
      const encoder = this.#device.createCommandEncoder();
      encoder.copyBufferToBuffer(held.codes, 0, codes, 0, n * rowBytes);
      this.#device.queue.submit([encoder.finish()]);
      release(held);
    }
    return { codes, allowed, distances, group };
  }

  /** Copies bytes, a multiple of 4, to the device. To be called within `send`. */
  write(buffer: GPUBuffer, at: number, bytes: Uint8Array | Uint32Array): void {
    this.#device.queue.writeBuffer(buffer, at, bytes as GPUAllowSharedBufferSource);
  }

  /** Runs commands; the device is lost if it refuses one. Never rejects. */
  async send(commands: () => void): Promise<void> {
    try {
      for (const scope of scopes) this.#device.pushErrorScope(scope);
      commands();
      const errors = await Promise.all(scopes.map(() => this.#device.popErrorScope()));
      for (const error of errors) if (error) this.lose(error.message);
    } catch (error) {
      this.lose(describe(error));
    }
  }

  /**
   * The k nearest rows and those that tie with the last, sorted; null when they are too many or the device is lost.
   * All commands are given before the first await, so what is appended later cannot change the answer.
   */
  async scan(rows: GpuRows, query: GpuQuery): Promise<Float64Array | null> {
    const { code, n, words, k, within, allowed } = query;
    const encoder = this.#device.createCommandEncoder();
    const numbers = new Uint32Array(queryWords);
    numbers.set([n, words, k, within, allowed ? 1 : 0]);
    const bytes = new Uint8Array(numbers.buffer);
    for (let i = 0; i < words; i++) bytes.set(code.subarray(8 * i, 8 * i + 8), 4 * codeAt + 16 * i);
    // Few enough groups that adding up their counts stays cheap, enough to fill any GPU; each lane strides over the rows.
    const groups = Math.min(Math.ceil(n / 4096), 1024);
    const commands = () => {
      this.write(this.#query, 0, numbers);
      if (allowed) this.write(rows.allowed, 0, allowed);
      encoder.clearBuffer(this.#state, 0, 4 * rowsAt);
      const pass = encoder.beginComputePass();
      pass.setBindGroup(0, rows.group);
      for (const [i, pipeline] of this.#pipelines.entries()) {
        pass.setPipeline(pipeline);
        pass.dispatchWorkgroups(i === 1 ? 1 : groups);
      }
      pass.end();
    };
    return this.#read(encoder, commands);
  }

  /** Asks for nothing and waits for the answer. */
  async ask(): Promise<void> {
    await this.#read(this.#device.createCommandEncoder(), () => {});
  }

  /** Gives the device back. The callback is for losses that nobody asked for. */
  lose(reason: string, asked = false): void {
    if (this.lost !== null) return;
    this.lost = reason;
    this.#device.destroy();
    if (!asked) this.tell(reason);
  }

  async #read(encoder: GPUCommandEncoder, commands: () => void): Promise<Float64Array | null> {
    const read = this.#spare.pop() ?? this.#buffer(readBytes, GPUBufferUsage.MAP_READ);
    try {
      const sent = this.send(() => {
        commands();
        encoder.copyBufferToBuffer(this.#state, 4 * countAt, read, 0, readBytes);
        this.#device.queue.submit([encoder.finish()]);
      });
      await Promise.all([sent, read.mapAsync(GPUMapMode.READ)]);
      if (this.lost !== null) return null;
      const words = new Uint32Array(read.getMappedRange());
      const count = words[0]!;
      const keys = new Float64Array(Math.min(count, maxCandidates));
      for (let i = 0; i < keys.length; i++) keys[i] = words[2 * i + 2]! * distanceUnit + words[2 * i + 3]!;
      read.unmap();
      this.#spare.push(read);
      return count > maxCandidates ? null : keys.sort();
    } catch (error) {
      this.lose(describe(error));
      return null;
    }
  }

  #buffer(size: number, usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC): GPUBuffer {
    return this.#device.createBuffer({ size, usage: usage | GPUBufferUsage.COPY_DST });
  }
}

/** Gives a scanner's memory back; scans that were sent still end well. */
export function release({ codes, allowed, distances }: GpuRows): void {
  for (const buffer of [codes, allowed, distances]) buffer.destroy();
}
