// What the playground can train on: a problem makes rows of any number, noise and seed.

export interface Sampling {
  /** Rows to make, training and test together. */
  samples: number;
  /** 0 for none, 1 for as much as the data are wide. */
  noise: number;
  /** The same seed makes the same bits, in every engine. */
  seed: number;
}

/** What `Dataset.from` takes, with the problem's class names as `classes`. */
export interface Rows {
  /** Flat, `inputSize` numbers a row. */
  inputs: Float32Array<ArrayBuffer>;
  inputSize: number;
  /** Of classes, one index a row; else `outputSize` numbers a row. */
  targets: Float32Array<ArrayBuffer>;
  /** What the network's last layer must have. Two classes share one output. */
  outputSize: number;
}

export interface Problem {
  /** In the URL. */
  name: string;
  /** For people. */
  title: string;
  task: "classification" | "regression";
  inputNames: readonly string[];
  /** Of a classification, in the order of the indices. */
  classNames?: readonly string[];
  /** Of a regression. */
  targetNames?: readonly string[];
  make(sampling: Sampling): Rows | Promise<Rows>;
}
