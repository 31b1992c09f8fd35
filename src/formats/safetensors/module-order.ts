// The order of modules whose names and places in the file are all that is known of it.

import { got, oneOf, wrongKind } from "../../checks.js";
import { FormatError } from "../errors.js";

interface Named {
  name: string;
  isDense: boolean;
  /** What it takes. */
  inputs: number;
  /** What it gives. */
  units: number;
}

/** The most modules that are tried at a place: a stranger's names could have more orders than can be counted. */
const MOST_TRIES = 4000;

/**
 * Modules as they follow each other: by the numbers in their names ("0", "2"; "fc1", "bn1", "fc2"), a dense layer before what
 * else has its number. Names without numbers, or whose numbers are there twice ("encoder.0", "decoder.0"), go where each takes
 * what the one before it gives, if only one order does that. Their order in the file tells nothing: it may be the alphabet's.
 *
 * @param told their names in order, where the file's reader knows them
 * @throws FormatError where that doesn't tell; RangeError or TypeError for names that aren't the modules'.
 */
export function inOrder<T extends Named>(modules: readonly T[], told: unknown): T[] {
  if (told !== undefined) return asTold(modules, told);
  const numbered = modules.filter(hasNumbers).sort(compare);
  const dense = numbered.filter(({ isDense }) => isDense);
  const isUnsure = dense.some((each, i) => i > 0 && compare(dense[i - 1], each) === 0);
  if (!isUnsure && numbered.length === modules.length) return numbered;
  // within each of these, the order is known
  const known = new Map<string, T[]>();
  for (const each of [...numbered, ...modules.filter((module) => !hasNumbers(module))]) {
    const key = !hasNumbers(each) ? each.name : isUnsure ? each.name.replace(/\d+/g, "#") : "#";
    known.set(key, [...(known.get(key) ?? []), each]);
  }
  const { orders, isAll } = chains([...known.values()], modules.length);
  const [only] = orders;
  if (only !== undefined && orders.length === 1 && isAll) return only;
  const names = modules.slice(0, 8).map(({ name }) => `'${name}'`);
  const possible = orders.map((order) => JSON.stringify(order.slice(0, 8).map(({ name }) => name)));
  throw new FormatError(
    `the order of the modules ${names.join(", ")} must be told by the numbers in their names, or by the option modules with all their names in order${possible.length > 0 ? `: ${possible.join(" or ")} say` : "; none was found in which each takes as many numbers as the one before it gives"}`,
  );
}

function asTold<T extends Named>(modules: readonly T[], told: unknown): T[] {
  if (!Array.isArray(told)) wrongKind("modules", "an array of names", told);
  const names = modules.map(({ name }) => name);
  if (told.length !== names.length) {
    throw new RangeError(`modules must have ${names.length} names, one for each module, got ${told.length}`);
  }
  const given = told.map((each, i) => oneOf(each, `modules[${i}]`, names));
  const twice = given.find((each, i) => given.indexOf(each) < i);
  if (twice !== undefined) throw new RangeError(`modules must have each name once, got ${got(twice)} twice`);
  return given.map((each) => modules[names.indexOf(each)] as T);
}

/** Up to three orders in which each module takes what the one before it gives, and whether there are no others. */
function chains<T extends Named>(known: readonly (readonly T[])[], count: number): { orders: T[][]; isAll: boolean } {
  const orders: T[][] = [];
  const order: T[] = [];
  const used = known.map(() => 0);
  let tries = 0;
  const extend = () => {
    if (order.length === count) orders.push([...order]);
    for (let i = 0; i < known.length && orders.length < 3 && tries < MOST_TRIES; i++) {
      const next = known[i]?.[used[i]];
      const last = order.at(-1);
      tries += 1;
      if (next === undefined || (last !== undefined && last.units !== next.inputs)) continue;
      order.push(next);
      used[i] += 1;
      extend();
      used[i] -= 1;
      order.pop();
    }
  };
  extend();
  return { orders, isAll: tries < MOST_TRIES };
}

const numbersIn = ({ name }: Named) => Array.from(name.match(/\d+/g) ?? [], Number);
const hasNumbers = ({ name }: Named) => /\d/.test(name);

function compare(a: Named, b: Named): number {
  const these = numbersIn(a);
  const those = numbersIn(b);
  const at = these.findIndex((each, i) => each !== those[i]);
  if (at >= 0 && at < those.length) return these[at] - those[at];
  return these.length - those.length || Number(b.isDense) - Number(a.isDense);
}
