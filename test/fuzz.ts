// Files that are damaged at random.

import fc from "fast-check";

/** How many are tried; a long run sets FUZZ_CASES. */
export const fuzzCases = Number(process.env.FUZZ_CASES ?? 200);

/** A file with some of its bytes changed, cut out or doubled; some files are cut off. */
export function damaged(file: Uint8Array): fc.Arbitrary<Uint8Array<ArrayBuffer>> {
  const place = fc.nat(file.length - 1);
  const change = fc.oneof(
    fc.tuple(place, fc.nat(255)).map(([at, value]) => (bytes: number[]) => {
      bytes[at % bytes.length] = value;
    }),
    // what lengths are forged with
    fc
      .tuple(place, fc.constantFrom(0, 1, 0x7f, 0x80, 0xff), fc.integer({ min: 1, max: 8 }))
      .map(([at, value, count]) => (bytes: number[]) => {
        for (let i = at; i < Math.min(at + count, bytes.length); i++) bytes[i] = value;
      }),
    fc.tuple(place, fc.integer({ min: 1, max: 16 })).map(([at, count]) => (bytes: number[]) => {
      bytes.splice(at, count);
    }),
    fc.tuple(place, fc.integer({ min: 1, max: 16 })).map(([at, count]) => (bytes: number[]) => {
      bytes.splice(at, 0, ...bytes.slice(at, at + count));
    }),
    fc.tuple(place).map(([at]) => (bytes: number[]) => {
      bytes.length = Math.max(1, Math.min(at, bytes.length));
    }),
  );
  return fc.array(change, { minLength: 1, maxLength: 3 }).map((changes) => {
    const bytes = [...file];
    for (const each of changes) each(bytes);
    return Uint8Array.from(bytes);
  });
}
