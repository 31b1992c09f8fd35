// The WebAssembly surface as TypeScript sees it: assembly/index.ts, function by function.

import type { InputKind, Loss, Optimizer, Purpose, TargetKind } from "../abi.js";

/** An address in linear memory, in bytes. */
export type Pointer = number;

export interface Exports {
  heapBase(): Pointer;

  networkBytes(description: Pointer): number;
  buildNetwork(network: Pointer, description: Pointer): void;
  blockBytes(network: Pointer): number;
  scalingOf(network: Pointer): Pointer;
  parametersOf(network: Pointer): Pointer;
  readBlock(network: Pointer, block: Pointer, vector: Pointer): void;
  writeBlock(network: Pointer, block: Pointer, vector: Pointer): void;
  allFinite(network: Pointer): number;

  workspaceBytes(network: Pointer, rows: number, purpose: Purpose): number;
  buildWorkspace(workspace: Pointer, network: Pointer, rows: number, purpose: Purpose): void;
  readSums(workspace: Pointer, layer: number, rows: number, target: Pointer): void;
  readActivations(workspace: Pointer, layer: number, rows: number, target: Pointer): void;
  readDeltas(workspace: Pointer, layer: number, rows: number, target: Pointer): void;

  areFinite(numbers: Pointer, count: number): number;
  tableBytes(): number;
  buildTable(
    table: Pointer,
    inputs: Pointer,
    inputKind: InputKind,
    scale: number,
    targets: Pointer,
    targetKind: TargetKind,
    weights: Pointer,
  ): void;

  teamBytes(network: Pointer, size: number): number;
  buildTeam(team: Pointer, network: Pointer, size: number, crowded: number): void;
  threadOf(team: Pointer, rank: number): Pointer;
  beginWork(team: Pointer): void;
  unfinishedThreads(team: Pointer): number;
  pulseOf(team: Pointer): number;
  stopTeam(team: Pointer): void;
  loseThread(thread: Pointer): void;
  forwardRows(thread: Pointer, workspace: Pointer, table: Pointer, rows: number): void;
  predict(thread: Pointer, workspace: Pointer, table: Pointer, first: number, last: number, outputs: Pointer): void;

  optimizerBytes(): number;
  buildOptimizer(optimizer: Pointer, kind: Optimizer): void;
  optionsOf(optimizer: Pointer): Pointer;
  countersOf(optimizer: Pointer): Pointer;
  stateBlocks(optimizer: Pointer): number;
  setStateBlocks(optimizer: Pointer, blocks: Pointer): void;
  resetOptimizer(optimizer: Pointer, blockBytes: number): void;

  normsBytes(network: Pointer): number;
  searchBytes(network: Pointer, optimizer: Pointer): number;
  trainerBytes(): number;
  buildTrainer(
    trainer: Pointer,
    network: Pointer,
    workspace: Pointer,
    loss: Loss,
    optimizer: Pointer,
    gradient: Pointer,
    norms: Pointer,
    search: Pointer,
  ): void;
  setLossOptions(trainer: Pointer, parameter: number, labelSmoothing: number, classWeights: Pointer): void;
  setWorkspace(trainer: Pointer, workspace: Pointer): void;
  train(
    thread: Pointer,
    trainer: Pointer,
    metrics: Pointer,
    table: Pointer,
    order: Pointer,
    rates: Pointer,
    first: number,
    last: number,
  ): void;
  evaluate(thread: Pointer, trainer: Pointer, metrics: Pointer, table: Pointer, first: number, last: number): void;
  gradients(
    thread: Pointer,
    trainer: Pointer,
    metrics: Pointer,
    table: Pointer,
    rows: number,
    block: Pointer,
    fixed: boolean,
  ): void;

  metricsBytes(): number;
  resetMetrics(metrics: Pointer, classifies: boolean, threshold: number, confusion: Pointer): void;
  setMetrics(metrics: Pointer, lossSum: number, correct: number): void;
  lossSum(metrics: Pointer): number;
  correct(metrics: Pointer): number;
}
