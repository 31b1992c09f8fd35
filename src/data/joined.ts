// Parts laid one behind the other, in a new array.

const lengthOf = (parts: readonly ArrayLike<number>[]) => parts.reduce((sum, { length }) => sum + length, 0);

export function joinedBytes(parts: readonly ArrayLike<number>[]): Uint8Array<ArrayBuffer> {
  return filled(new Uint8Array(lengthOf(parts)), parts);
}

export function joinedFloats(parts: readonly ArrayLike<number>[]): Float32Array<ArrayBuffer> {
  return filled(new Float32Array(lengthOf(parts)), parts);
}

function filled<T extends Uint8Array | Float32Array>(whole: T, parts: readonly ArrayLike<number>[]): T {
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
