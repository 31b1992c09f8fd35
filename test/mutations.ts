// Files with something changed somewhere.

import fc from "fast-check";
import { expect } from "vitest";
import { FormatError, type FormatName, Network } from "../src/index.js";

/** How many files a test tries: FUZZ_CASES=100000 for a night. */
const numRuns = Number(process.env.FUZZ_CASES ?? 300);

/** What JSON and lengths are made of, more often than chance. */
const byte = fc.oneof(
  fc.integer({ min: 0, max: 255 }),
  fc.constantFrom(0, 1, 0x7f, 0x80, 0xff),
  fc.constantFrom(...new TextEncoder().encode('0123456789{}[]",:-')),
);

interface Change {
  kind: "set" | "insert" | "remove" | "repeat" | "cut";
  /** As a share of the file's length. */
  at: number;
  bytes: number[];
}

const change: fc.Arbitrary<Change> = fc.record({
  kind: fc.constantFrom("set", "set", "set", "insert", "remove", "repeat", "cut"),
  // as often in the first bytes, where lengths are
  at: fc.oneof(fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 0.02, noNaN: true })),
  bytes: fc.array(byte, { minLength: 1, maxLength: 8 }),
});

function changed(file: Uint8Array, { kind, at, bytes }: Change): Uint8Array<ArrayBuffer> {
  const from = Math.min(file.length - 1, Math.floor(at * file.length));
  const [before, after] = [file.subarray(0, from), file.subarray(from)];
  const skipped = { set: bytes.length, insert: 0, remove: bytes.length, repeat: 0, cut: after.length }[kind];
  const put = { set: bytes, insert: bytes, remove: [], repeat: after.subarray(0, bytes.length * 16), cut: [] }[kind];
  return Uint8Array.from([...before, ...put, ...after.subarray(skipped)]);
}

/** Whatever is changed in these files, they give a network or a FormatError. */
export async function expectSafe(format: FormatName, files: readonly Uint8Array[]): Promise<void> {
  const mutated = fc
    .tuple(fc.constantFrom(...files), fc.array(change, { minLength: 1, maxLength: 4 }))
    .map(([file, changes]) => changes.reduce(changed, Uint8Array.from(file)))
    // else it is unzipped before any format sees it
    .filter((file) => file[0] !== 0x1f);
  const property = fc.asyncProperty(mutated, async (file) => {
    const outcome = await Network.load(file, { format, activations: ["tanh", "identity"] }).catch((error) => error);
    if (outcome instanceof Network) outcome.dispose();
    // hints for as many layers as there aren't
    else if (!/^activations must have/.test(outcome.message)) expect(outcome).toBeInstanceOf(FormatError);
  });
  await fc.assert(property, { numRuns });
}
