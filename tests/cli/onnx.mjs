// Writes ONNX files: protobuf fields, and the messages of a small network.
export const varint = (n) => {
  const bytes = [];
  let rest = BigInt.asUintN(64, BigInt(n));
  do {
    const low = Number(rest & 127n);
    rest >>= 7n;
    bytes.push(rest > 0n ? low | 128 : low);
  } while (rest > 0n);
  return Buffer.from(bytes);
};
export const number = (field, n) => Buffer.concat([varint(field << 3), varint(n)]);
export const bytes = (field, content) => {
  const body = Buffer.from(content);
  return Buffer.concat([varint((field << 3) | 2), varint(body.length), body]);
};
export const message = (field, ...parts) => bytes(field, Buffer.concat(parts));

export const value = (field, name, dims) =>
  message(field, bytes(1, name),
    message(2, message(1, number(1, 1), message(2, ...dims.map((d) => message(1, number(1, d)))))));
export const node = (type, inputs, output) =>
  message(1, ...inputs.map((name) => bytes(1, name)), bytes(2, output), bytes(3, output),
    bytes(4, type));
export const model = (...graph) =>
  Buffer.concat([number(1, 7), message(7, ...graph, bytes(2, 'g')),
    message(8, bytes(1, ''), number(2, 13))]);
export const tensor = (name, dims, ...more) =>
  message(5, ...dims.map((d) => number(1, d)), number(2, 1), bytes(8, name), ...more);
export const floats = (...numbers) => bytes(9, Buffer.from(Float32Array.from(numbers).buffer));
