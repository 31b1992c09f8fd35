// The order of modules whose names and places in the file are all that is known of it.

import { FormatError } from "../errors.js";

interface Named {
  name: string;
  isDense: boolean;
}

/**
 * Modules as they follow each other: by the numbers in their names ("0", "2"; "fc1", "bn1", "fc2"), a dense layer before what
 * else has its number. Where not all have numbers, as the file has them, if its numbers ascend.
 *
 * @throws FormatError where that doesn't tell.
 */
export function inOrder<T extends Named>(modules: readonly T[]): T[] {
  const sorted = [...modules].sort(compare);
  const numbered = modules.filter(hasNumbers);
  const inFile = numbered.every((each, i) => i === 0 || compare(numbered[i - 1], each) <= 0);
  const dense = sorted.filter((each) => each.isDense && hasNumbers(each));
  const isUnsure = dense.some((each, i) => i > 0 && compare(dense[i - 1], each) === 0);
  if (!isUnsure && numbered.length === modules.length) return sorted;
  if (!isUnsure && inFile) return [...modules];
  const names = modules.slice(0, 8).map(({ name }) => `'${name}'`);
  throw new FormatError(`the order of the modules ${names.join(", ")} must be told by the numbers in their names`);
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
