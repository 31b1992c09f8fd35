import type {
  Dataset,
  DatasetStream,
  FitOptions,
  FitResult,
  MathMode,
  NetworkOptions,
  TrainerOptions,
} from "../../src/index.js";

export type Nablanet = Pick<typeof import("../../src/index.js"), "Network" | "Trainer" | "Dataset" | "datasets">;

export interface Run {
  name: string;
  data(nablanet: Nablanet): Dataset | DatasetStream | Promise<Dataset>;
  network: NetworkOptions;
  trainer: TrainerOptions;
  fit: FitOptions;
}

export interface How {
  math: MathMode;
  threads: number;
}

export interface Hashes {
  hashes: Record<string, string>;
  /** Each different answer of `result.threads`, as "used: reason". */
  threads: string[];
}

export declare const runs: readonly Run[];
export declare function train(
  nablanet: Nablanet,
  run: Run,
  how: How,
): Promise<{ parameters: Float32Array; threads: FitResult["threads"] }>;
export declare function hash(parameters: Float32Array): Promise<string>;
export declare function hashAll(nablanet: Nablanet, how: How): Promise<Hashes>;
