// How an ONNX file begins: with the version of its format as field 1, which has been below 32 since 2017, then with another field
// of ModelProto. No writer puts another field first.

/** Field 1 as a varint; then the tag of one of the fields 2 to 8, 14 (strings, messages) or 5 (a varint). */
export function isOnnx(bytes: Uint8Array): boolean {
  const [tag, version = 0, next = 0] = bytes;
  return tag === 0x08 && version > 0 && version < 32 && [0x12, 0x1a, 0x22, 0x28, 0x32, 0x3a, 0x42, 0x72].includes(next);
}
