import { describe, expect, it } from 'vitest';
import type { CodeScanner } from '../kernel';
import { portableKernel } from '../portable';
import { openWebGpuKernel, roundTripMs } from './kernel';
import { WebGpuScanner } from './scanner';
import { bitmap, countingHost, hasAdapter, nearest, noise, openOnSoftware } from './software-gpu.suite';

const codeBytes = 48;
const query = noise(codeBytes, 99);

function reasonOf(scanner: CodeScanner): string {
  return scanner instanceof WebGpuScanner ? scanner.reason : 'no scanner of the GPU';
}

it('a software adapter is refused unless a test asks for it', async () => {
  const opened = await openWebGpuKernel(portableKernel);
  const reason = hasAdapter ? 'its adapter is a software one (fallback)' : /there is no WebGPU|no adapter/;
  expect(opened.kernel ? null : opened.reason).toMatch(reason);
});

describe.skipIf(!hasAdapter)('on a software adapter', () => {
  it('a device lost during scans loses no answer, even of codes that arrived since', async () => {
    const reasons: string[] = [];
    const { kernel, device } = await openOnSoftware({ onReason: (reason) => reasons.push(reason) });
    const scanner = kernel.createScanner({ codeBytes });
    const codes = noise(1000 * codeBytes, 1);
    const held = codes.slice(0, 500 * codeBytes);
    scanner.append(held);
    const tombstones = bitmap(500, 0.5, 1);
    const asked = query.slice();
    const scans = [scanner.scan(asked, 10), scanner.scan(asked, 10, { tombstones })];
    asked.fill(0);
    device.destroy();
    scanner.append(codes.slice(500 * codeBytes));
    expect(await Promise.all(scans)).toEqual([
      nearest(held, query, 10),
      nearest(held, query, 10, { tombstones }),
    ]);
    expect(await scanner.scan(query, 10)).toEqual(nearest(codes, query, 10));
    expect(reasons).toHaveLength(1);
    expect(reasonOf(scanner)).toBe(reasons[0]);
    expect(await roundTripMs(kernel)).toBe(Number.POSITIVE_INFINITY);
    scanner.close();
    const later = kernel.createScanner({ codeBytes });
    later.append(held);
    expect(await later.scan(query, 10)).toEqual(nearest(held, query, 10));
    later.close();
  });

  it('an invalid command loses the device and no answer', async () => {
    const reasons: string[] = [];
    const { kernel, device } = await openOnSoftware({ onReason: (reason) => reasons.push(reason) });
    const create = device.createBuffer.bind(device);
    device.createBuffer = (buffer) => create({ ...buffer, usage: GPUBufferUsage.MAP_READ });
    const scanner = kernel.createScanner({ codeBytes });
    const codes = noise(100 * codeBytes, 1);
    scanner.append(codes);
    expect(await scanner.scan(query, 10)).toEqual(nearest(codes, query, 10));
    expect(reasons).toHaveLength(1);
    expect(await scanner.scan(query, 10)).toEqual(nearest(codes, query, 10));
    scanner.close();
  });

  it('a device out of memory loses no answer', async () => {
    const reasons: string[] = [];
    const { kernel, device } = await openOnSoftware({ onReason: (reason) => reasons.push(reason) });
    const scanner = kernel.createScanner({ codeBytes });
    const codes = noise(100 * codeBytes, 1);
    scanner.append(codes);
    await scanner.scan(query, 10);
    const pop = device.popErrorScope.bind(device);
    device.popErrorScope = async () => (await pop()) ?? new GPUOutOfMemoryError('out of memory');
    expect(await scanner.scan(query, 10)).toEqual(nearest(codes, query, 10));
    expect(reasons).toEqual(['out of memory']);
    scanner.close();
  });

  it('codes are scanned up to what the device binds at once, and by the host beyond', async () => {
    const host = countingHost();
    const { kernel } = await openOnSoftware({ host, maxBytes: 100 * codeBytes });
    const scanner = kernel.createScanner({ codeBytes, capacity: 1000 });
    const codes = noise(101 * codeBytes, 1);
    scanner.append(codes.slice(0, 60 * codeBytes));
    scanner.append(codes.slice(60 * codeBytes, 100 * codeBytes));
    await scanner.scan(query, 10);
    expect(host.scans).toBe(0);
    scanner.append(codes.slice(100 * codeBytes));
    expect(await scanner.scan(query, 10)).toEqual(nearest(codes, query, 10));
    expect(host.scans).toBe(1);
    expect(reasonOf(scanner)).toBe('101 codes do not fit the 4800 bytes that the GPU reads at once');
    scanner.close();
    kernel.close();
  });

  it('closing gives every buffer of a scanner back', async () => {
    const { kernel, device } = await openOnSoftware();
    let [created, destroyed] = [0, 0];
    const create = device.createBuffer.bind(device);
    device.createBuffer = (wanted) => {
      const buffer = create(wanted);
      if (wanted.usage & GPUBufferUsage.MAP_READ) return buffer;
      created++;
      const destroy = buffer.destroy.bind(buffer);
      buffer.destroy = () => {
        destroyed++;
        return destroy();
      };
      return buffer;
    };
    const scanner = kernel.createScanner({ codeBytes });
    for (let block = 0; block < 5; block++) scanner.append(noise(100 * codeBytes, block));
    const scan = scanner.scan(query, 10);
    scanner.close();
    await expect(scan).rejects.toMatchObject({ code: 'closed' });
    expect(created).toBeGreaterThan(3);
    expect(destroyed).toBe(created);
    kernel.close();
  });

  it('a kernel given back leaves its scanners to the host, and calls nobody', async () => {
    const { kernel } = await openOnSoftware({ onReason: () => expect.fail('nobody lost the device') });
    const scanner = kernel.createScanner({ codeBytes });
    const codes = noise(100 * codeBytes, 1);
    scanner.append(codes);
    expect(await roundTripMs(kernel)).toBeGreaterThan(0);
    kernel.close();
    expect(await scanner.scan(query, 10)).toEqual(nearest(codes, query, 10));
    expect(reasonOf(scanner)).toBe('the GPU was given back');
    scanner.close();
  });
});

describe.skipIf(!hasAdapter)('timed on the real codes', () => {
  const codes = noise(1000 * codeBytes, 1);

  async function timedScanner(host: ReturnType<typeof countingHost>) {
    const { kernel } = await openOnSoftware({ host, timed: true });
    const scanner = kernel.createScanner({ codeBytes });
    if (!(scanner instanceof WebGpuScanner)) throw new Error('no scanner of the GPU');
    scanner.append(codes);
    return { kernel, scanner };
  }

  it('a host that is faster answers', async () => {
    const host = countingHost();
    const { kernel, scanner } = await timedScanner(host);
    await scanner.calibrate(query);
    expect(scanner.reason).toMatch(/^1000 codes take the GPU [\d.]+ ms, the host [\d.]+ ms$/);
    const before = host.scans;
    expect(await scanner.scan(query, 10)).toEqual(nearest(codes, query, 10));
    expect(host.scans).toBe(before + 1);
    scanner.close();
    kernel.close();
  });

  it('a GPU that is faster answers, unless a filter leaves too few rows', async () => {
    const host = countingHost((inner) => ({
      scan: async (...asked) => {
        for (const startedMs = performance.now(); performance.now() < startedMs + 200; );
        return inner.scan(...asked);
      },
    }));
    const { kernel, scanner } = await timedScanner(host);
    await scanner.calibrate(query);
    const before = host.scans;
    expect(await scanner.scan(query, 10)).toEqual(nearest(codes, query, 10));
    const tombstones = bitmap(1000, 0.1, 1);
    expect(await scanner.scan(query, 10, { tombstones })).toEqual(nearest(codes, query, 10, { tombstones }));
    expect(host.scans).toBe(before);
    const filter = new Uint32Array(32);
    expect(await scanner.scan(query, 10, { filter })).toEqual(nearest(codes, query, 10, { filter }));
    expect(host.scans).toBe(before + 1);
    scanner.close();
    kernel.close();
  });

  it('happens by itself at the first scan, which waits for none of it, and again when the codes have doubled', async () => {
    const host = countingHost();
    const { kernel, scanner } = await timedScanner(host);
    await scanner.scan(query, 10);
    expect(host.scans).toBe(1);
    await expect.poll(() => scanner.reason).toContain('1000 codes');
    await scanner.scan(query, 10);
    expect(host.scans).toBe(5);
    scanner.append(codes);
    await scanner.scan(query, 10);
    await expect.poll(() => scanner.reason).toContain('2000 codes');
    scanner.close();
    kernel.close();
  });

  it('is put off while codes arrive', async () => {
    const { kernel, scanner } = await timedScanner(countingHost());
    const timing = scanner.calibrate(query);
    scanner.append(codes);
    await timing;
    expect(scanner.reason).toBe('the GPU was not timed yet');
    await scanner.scan(query, 10);
    await expect.poll(() => scanner.reason).toContain('2000 codes');
    scanner.close();
    kernel.close();
  });

  it('ends quietly when the scanner is closed meanwhile', async () => {
    const { kernel, scanner } = await timedScanner(countingHost());
    const scan = scanner.scan(query, 10);
    const timing = scanner.calibrate(query);
    scanner.close();
    expect(await scan).toEqual(nearest(codes, query, 10));
    await timing;
    kernel.close();
  });

  it('a GPU that answers wrongly is never asked again', async () => {
    const host = countingHost((inner) => ({
      scan: async (asked, ...rest) =>
        inner.scan(
          asked.map((byte) => byte ^ 1),
          ...rest,
        ),
    }));
    const { kernel, scanner } = await timedScanner(host);
    await scanner.calibrate(query);
    expect(scanner.reason).toBe('its answers differ from the host’s');
    scanner.close();
    kernel.close();
  });
});
