// Damage to JSON and bytes, for tests that hostile files are refused.

import fc from "fast-check";

/** What a fuzz test runs: 300 cases, or as FUZZ_CASES says. */
export const fuzzCases = { numRuns: Number(process.env.FUZZ_CASES ?? 300) };

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** Places in a value and what comes there. */
export const mutations = fc.array(
  fc.record({
    /** The member to go into at each level, until there is none. */
    path: fc.array(fc.nat(), { maxLength: 12 }),
    kind: fc.constantFrom("replace", "delete", "repeat", "rename"),
    value: fc.oneof(
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
      fc.constantFrom<Json[]>("Dense", "Softmax", "Flatten", "Rescaling", "Activation", "hard_sigmoid", "../x", [
        2 ** 30,
        2 ** 30,
      ]),
      fc.constantFrom<Json[]>({ toString: null, valueOf: null }, JSON.parse('{"__proto__": {"x": 1}}'), [
        null,
        2 ** 40,
      ]),
      fc.jsonValue({ maxDepth: 2 }) as fc.Arbitrary<Json>,
    ),
  }),
  { minLength: 1, maxLength: 4 },
);

type Mutations = typeof mutations extends fc.Arbitrary<infer T> ? T : never;

/** JSON text, damaged. */
export function damaged(text: string, changes: Mutations): string {
  const root = { value: JSON.parse(text) as Json };
  for (const { path, kind, value } of changes) change(root, "value", path, kind, value);
  return JSON.stringify(root.value) ?? "";
}

type Parent = { [key: string]: Json } | Json[];

function change(parent: Parent, key: string, path: readonly number[], kind: string, value: Json): void {
  const members = parent as Record<string, Json>;
  const here = members[key] as Json;
  const keys = typeof here === "object" && here !== null ? Object.keys(here) : [];
  const [next, ...rest] = path;
  if (next !== undefined && keys.length > 0) {
    change(here as Parent, keys[next % keys.length] as string, rest, kind, value);
  } else if (kind === "delete") delete members[key];
  else if (kind === "repeat" && Array.isArray(parent)) parent.push(structuredClone(here));
  else if (kind === "rename" && typeof value === "string") {
    delete members[key];
    // an assignment to __proto__ makes no member
    Object.defineProperty(members, value, { value: here, enumerable: true, configurable: true, writable: true });
  } else members[key] = structuredClone(value);
}

/** Bytes of which some are others, some missing. */
export const damages = fc.record({
  at: fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { maxLength: 4 }),
  cut: fc.option(fc.nat(), { nil: undefined, freq: 6 }),
});

type Damages = typeof damages extends fc.Arbitrary<infer T> ? T : never;

export function damagedBytes(bytes: Uint8Array, { at, cut }: Damages): Uint8Array<ArrayBuffer> {
  const copy = Uint8Array.from(bytes);
  for (const [place, value] of at) copy[place % Math.max(1, copy.length)] = value;
  return cut === undefined ? copy : copy.slice(0, cut % (copy.length + 1));
}
