/**
 * ONNX graphs as bytes, as far as the tiny models need them.
 * In: nodes, constants, names of inputs. Out: a protobuf message (onnx.proto3, opset 17).
 * Deliberately not here: any check; ONNX Runtime does that.
 */

/** A message is a list of fields; each is already encoded. */
const varint = (value) => {
  const bytes = [];
  let rest = BigInt(value);
  do {
    const low = Number(rest & 0x7fn);
    rest >>= 7n;
    bytes.push(rest > 0n ? low | 0x80 : low);
  } while (rest > 0n);
  return bytes;
};
const number = (field, value) => [...varint(field << 3), ...varint(value)];
const bytes = (field, value) => [...varint((field << 3) | 2), ...varint(value.length), ...value];
const string = (field, value) => bytes(field, [...new TextEncoder().encode(value)]);
const message = (field, ...fields) => bytes(field, fields.flat());

const opset = 17;
const intAttribute = 2;
const elementTypes = { float: 1, int64: 7 };

/** An operator with one output; its attributes are whole numbers. */
export function node(type, inputs, output, attributes = {}) {
  return [
    ...inputs.map((name) => string(1, name)),
    string(2, output),
    string(3, output),
    string(4, type),
    ...Object.entries(attributes).map(([name, value]) =>
      message(5, string(1, name), number(3, value), number(20, intAttribute)),
    ),
  ].flat();
}

function tensor(name, dims, type, raw) {
  return [
    ...dims.map((size) => number(1, size)),
    number(2, elementTypes[type]),
    string(8, name),
    bytes(9, [...new Uint8Array(raw.buffer)]),
  ].flat();
}

/** A float32 constant. */
export const floats = (name, dims, values) => tensor(name, dims, 'float', Float32Array.from(values));

/** An int64 constant. */
export const integers = (name, dims, values) =>
  tensor(name, dims, 'int64', BigInt64Array.from(values.map(BigInt)));

function valueInfo(field, name, type, dims) {
  const sizes = dims.map((size) => message(1, typeof size === 'number' ? number(1, size) : string(2, size)));
  return message(
    field,
    string(1, name),
    message(2, message(1, number(1, elementTypes[type]), message(2, ...sizes))),
  );
}

/** A graph from int64 inputs [batch, tokens] to one float32 output. */
export function model({ nodes, constants, inputs, output }) {
  return [
    number(1, 8),
    string(2, 'nearbit'),
    message(
      7,
      ...nodes.map((entry) => bytes(1, entry)),
      string(2, 'tiny'),
      ...constants.map((entry) => bytes(5, entry)),
      ...inputs.map((name) => valueInfo(11, name, 'int64', ['batch', 'tokens'])),
      valueInfo(12, output.name, 'float', output.dims),
    ),
    message(8, string(1, ''), number(2, opset)),
  ].flat();
}

/** A message as a file. */
export const bytesOf = (fields) => Uint8Array.from(fields);
