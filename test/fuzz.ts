// Files that are damaged at random. `npm run test:fuzz` tries many.

import fc from "fast-check";

/** How many files a test tries. */
export const fuzzCases = Number(process.env.FUZZ_CASES ?? 200);

/** What JSON and lengths are made of, more often than chance. */
const byte = fc.oneof(
  fc.nat(255),
  fc.constantFrom(0, 1, 0x7f, 0x80, 0xff),
  fc.constantFrom(...new TextEncoder().encode('0123456789{}[]",:-')),
);

const share = fc.double({ min: 0, max: 1, noNaN: true });

interface Change {
  kind: "set" | "insert" | "remove" | "repeat" | "cut";
  /** As a share of the file's length. */
  at: number;
  bytes: number[];
}

const change: fc.Arbitrary<Change> = fc.record({
  kind: fc.constantFrom("set", "set", "set", "insert", "remove", "repeat", "cut"),
  // as often in the first bytes, where lengths are
  at: fc.oneof(
    share,
    share.map((at) => at / 50),
  ),
  bytes: fc.array(byte, { minLength: 1, maxLength: 8 }),
});

function changed(file: Uint8Array, { kind, at, bytes }: Change): Uint8Array<ArrayBuffer> {
  const from = Math.max(0, Math.min(file.length - 1, Math.floor(at * file.length)));
  const [before, after] = [file.subarray(0, from), file.subarray(from)];
  const skipped = { set: bytes.length, insert: 0, remove: bytes.length, repeat: 0, cut: after.length }[kind];
  const put = { set: bytes, insert: bytes, remove: [], repeat: after.subarray(0, bytes.length * 16), cut: [] }[kind];
  return Uint8Array.from([...before, ...put, ...after.subarray(skipped)]);
}

/** A file with some of its bytes changed, cut out, put in or doubled; some files are cut off. */
export function damaged(file: Uint8Array): fc.Arbitrary<Uint8Array<ArrayBuffer>> {
  return fc
    .array(change, { minLength: 1, maxLength: 4 })
    .map((changes) => changes.reduce(changed, Uint8Array.from(file)));
}

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** What comes to a place in JSON. */
const value = fc.oneof(
  fc.constantFrom<Json[]>(
    null,
    true,
    "",
    "__proto__",
    "constructor",
    [],
    {},
    [[]],
    0,
    -0,
    -1,
    0.5,
    1e39,
    2 ** 31,
    2 ** 53,
  ),
  fc.constantFrom<Json[]>("Dense", "Softmax", "Flatten", "Rescaling", "hard_sigmoid", "../x", [2 ** 30, 2 ** 30]),
  fc.constantFrom<Json[]>({ toString: null, valueOf: null }, JSON.parse('{"__proto__": {"x": 1}}'), [null, 2 ** 40]),
  fc.jsonValue({ maxDepth: 2 }) as fc.Arbitrary<Json>,
);

const mutation = fc.record({
  /** The member to go into at each level, until there is none. */
  path: fc.array(fc.nat(), { maxLength: 12 }),
  kind: fc.constantFrom("replace", "delete", "repeat", "rename"),
  value,
});

type Mutation = typeof mutation extends fc.Arbitrary<infer T> ? T : never;

/** JSON with some of its members others, gone, doubled or renamed. */
export function damagedJson(file: Uint8Array): fc.Arbitrary<Uint8Array<ArrayBuffer>> {
  const text = new TextDecoder().decode(file);
  return fc.array(mutation, { minLength: 1, maxLength: 4 }).map((mutations) => {
    const root = { value: JSON.parse(text) as Json };
    for (const each of mutations) mutate(root, "value", each);
    return new TextEncoder().encode(JSON.stringify(root.value) ?? "");
  });
}

function mutate(parent: Json & object, key: string, { path, kind, value }: Mutation): void {
  const members = parent as Record<string, Json>;
  const here = members[key] as Json;
  const keys = typeof here === "object" && here !== null ? Object.keys(here) : [];
  const [next, ...rest] = path;
  if (next !== undefined && keys.length > 0) {
    mutate(here as Json & object, keys[next % keys.length] as string, { path: rest, kind, value });
  } else if (kind === "delete") delete members[key];
  else if (kind === "repeat" && Array.isArray(parent)) parent.push(structuredClone(here));
  else if (kind === "rename" && typeof value === "string") {
    delete members[key];
    // an assignment to __proto__ makes no member
    Object.defineProperty(members, value, { value: here, enumerable: true, configurable: true, writable: true });
  } else members[key] = structuredClone(value);
}
