// What the worker that trains and the thread that called `fit` tell each other. The worker asks, and is answered; it is told of
// an abort, and says how the fit ended.

import type { NetworkShape } from "../engine/network-block.js";
import type { TrainerShape } from "../engine/trainer-block.js";
import type { Variant } from "../engine/variants.js";
import type { MetricSizes } from "../evaluation.js";
import type { BatchRow, ResolvedFit } from "../fit-options.js";
import type { EpochRow, FitResult, Progress } from "../fit-result.js";
import type { Unlearned } from "../scaling.js";
import type { ResolvedSchedule } from "../schedules.js";
import type { DataShape, PackedChunk, PackedRows } from "./packed-rows.js";
import type { TrainingState } from "./training-state.js";

/** Which of a fit's data. */
export type Part = "data" | "validation";

/** All that a fit is, but for the rows and the functions. */
export interface Job {
  variant: Variant;
  module: WebAssembly.Module;
  /** Where a page has the script of workers that this one starts. */
  workerUrl: string | undefined;
  network: NetworkShape;
  trainer: TrainerShape;
  classWeights: readonly number[];
  state: TrainingState;
  seed: number;
  progress: Progress;
  schedule: ResolvedSchedule;
  unlearned: Unlearned | undefined;
  parts: Record<Part, DataShape | undefined>;
  options: Pick<ResolvedFit, "epochs" | "shuffle" | "earlyStopping" | "threads" | "columns">;
  /** What the calling thread wants to be asked. */
  asks: Record<"onBatch" | "onEpoch" | "measure", boolean>;
}

/** How far the fit is: between two epochs, or at its end. */
export interface Report {
  state: TrainingState;
  /** Without history, which has these rows more than in the report before. */
  progress: Progress;
  rows: EpochRow[];
}

/** What callbacks say: whether to go on, and with which learning rate, as they may set it. */
export interface Word {
  goesOn: boolean;
  learningRate: number;
}

/** Each question, and what it is answered. */
export interface Questions {
  /** Rows from..to of a dataset. */
  rows: [{ part: Part; from: number; to: number }, PackedRows];
  /** The next chunk of a stream, in its pass of this number; undefined at the end. */
  chunk: [{ part: Part; pass: number }, PackedChunk | undefined];
  /** No more of that pass is needed. */
  endPass: [{ part: Part; pass: number }, undefined];
  batch: [BatchRow, Word];
  /** `row` where `onEpoch` is to be called. */
  epoch: [{ report: Report; row: EpochRow | undefined }, Word];
  measure: [
    { predictions: Float32Array<ArrayBuffer>; targets: Float32Array<ArrayBuffer>; sizes: MetricSizes },
    Record<string, number>,
  ];
}

export type Question = keyof Questions;
export type Asked<Q extends Question> = Questions[Q][0];
export type Answered<Q extends Question> = Questions[Q][1];

/** An error as it goes over; `question`: the calling thread has it, as it came of answering that one. */
export interface Failure {
  name: string;
  message: string;
  question: number | undefined;
}

export interface End {
  result: Omit<FitResult, "history"> | undefined;
  failure: Failure | undefined;
  /** Undefined where the fit hadn't begun. */
  report: Report | undefined;
  forgot: boolean;
}

/** How many messages the worker got and sent, this one with them, where it had been sent so many. */
export interface Count {
  sent: number;
  got: number;
  told: number;
}

export type FromWorker = { id: number; question: Question; asked: unknown } | { count: Count } | { end: End };
export type ToWorker =
  | { job: Job }
  | { abort: true }
  | { count: number }
  | { id: number; answer: unknown }
  | { id: number; failed: true };
