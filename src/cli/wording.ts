// The library's errors tell of its options; here they tell of those of the command line.

const words: readonly (readonly [library: string, commandLine: string])[] = [
  ['with missing: "impute", inputs are filled in', "a model that was trained with --missing impute fills inputs in"],
  ['with missing: "impute"', "with --missing impute"],
  [
    'name it in ignore, or say columns: { …: "categorical" }',
    "name it in --ignore, or say --column <name>=categorical",
  ],
  ["has no values: ignore it", "has no values: name it in --ignore"],
  ["; it can be ignored", "; it can be named in --ignore"],
  ["(columns can be ignored)", "(columns can be named in --ignore)"],
  ["a target must be one of the columns", "--target must be one of the columns"],
  ["target must be the name of a column", "--target must be the name of a column"],
  ["ignore must be without the targets", "--ignore must be without the targets"],
  ["a name in ignore must be", "a name in --ignore must be"],
  ["a name in columns must be", "a name in --column must be"],
  ['say decimal: ","', "say --decimal ,"],
  ['decimal: "," takes', "--decimal , takes"],
  ["as decimal says", "as --decimal says"],
];

export function inOptions(message: string): string {
  return words.reduce((text, [library, commandLine]) => text.replace(library, commandLine), message);
}
