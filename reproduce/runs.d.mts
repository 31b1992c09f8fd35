import type { NetworkOptions, TrainerOptions } from "../src/index.js";

export interface Settings {
  data: { images: number; scale: number };
  judgedBy: "test" | "validation";
  network: NetworkOptions;
  trainer: TrainerOptions;
  epochs: number;
}

export interface Run extends Settings {
  /** What it is chosen by. */
  name: string;
  title: string;
  /** The source's accuracy, and of which epoch where it says so. */
  published: string;
  /** The choices in the source's own terms. */
  own: string;
  /** Makes what says after each epoch whether training ends. */
  endsEarly?: () => (row: { loss: number }) => boolean;
  /** Whether it takes hours. */
  long?: boolean;
}

export const runs: readonly Run[];
export function settings(run: Run): Settings;
