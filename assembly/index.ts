// The WebAssembly surface on one screen. A pointer is a block that JavaScript allocated; nothing here allocates.

import { InputKind, Loss, Optimizer, Purpose, TargetKind } from "../src/abi";
import { areFinite, scatter, Table } from "./data";
import { lbfgsBytes } from "./lbfgs";
import { Metrics } from "./metrics";
import { buildNetwork, layOutWorkspace, Network, networkBytes, translate, Workspace } from "./network";
import { OptimizerState, optimizerBytes, resetOptimizer, stateBlocks } from "./optimizers";
import { scratchBytes } from "./scratch";
import { evaluate, forwardRows, gradients, predict, train } from "./step";
import * as sync from "./sync";
import { Trainer } from "./trainer";
import { normsBytes } from "./updates";

/** Where the kernels' own, constant data ends. */
export function heapBase(): usize { return __heap_base; }

// Networks: the parameters, in the kernels' layout and in the book's order
export { networkBytes, buildNetwork };
export function blockBytes(network: Network): f64 { return network.blockBytes; }
export function scalingOf(network: Network): usize { return network.scaling; }
export function parametersOf(network: Network): usize { return network.parameters; }
export function readBlock(network: Network, block: usize, vector: usize): void { translate(network, block, vector, false); }
export function writeBlock(network: Network, block: usize, vector: usize): void { translate(network, block, vector, true); }

/** Whether every parameter is a finite number. */
export function allFinite(network: Network): bool {
  return areFinite(network.parameters, <i32>(network.blockBytes / 4));
}

// Workspaces: what lies between the layers while a mini-batch passes
export function workspaceBytes(network: Network, rows: i32, purpose: Purpose): f64 {
  return <f64>layOutWorkspace(0, network, rows, purpose);
}
export function buildWorkspace(workspace: usize, network: Network, rows: i32, purpose: Purpose): void {
  layOutWorkspace(workspace, network, rows, purpose);
}
export function readSums(workspace: Workspace, l: i32, rows: i32, target: usize): void {
  scatter(target, workspace.buffers(l).z, rows, workspace.network.layer(l).outputs);
}
export function readActivations(workspace: Workspace, l: i32, rows: i32, target: usize): void {
  scatter(target, workspace.buffers(l).a, rows, workspace.network.layer(l).outputs);
}
export function readDeltas(workspace: Workspace, l: i32, rows: i32, target: usize): void {
  scatter(target, workspace.buffers(l).d, rows, workspace.network.layer(l).outputs);
}

// Datasets, staged row-major
export { areFinite };
export function tableBytes(): usize { return offsetof<Table>(); }
export function buildTable(
  table: Table, inputs: usize, inputKind: InputKind, scale: f32, targets: usize, targetKind: TargetKind, weights: usize,
): void {
  table.inputs = inputs;
  table.inputKind = inputKind;
  table.scale = scale;
  table.targets = targets;
  table.targetKind = targetKind;
  table.weights = weights;
}

// Teams: the threads that do a network's work together, 1 or more
export function teamBytes(network: Network, size: i32): f64 { return sync.teamBytes(size, scratchBytes(network)); }
export function buildTeam(team: sync.Team, network: Network, size: i32, crowded: bool): void {
  sync.buildTeam(team, size, crowded, scratchBytes(network));
}
export function threadOf(team: sync.Team, rank: i32): sync.Thread { return team.thread(rank); }
export function beginWork(team: sync.Team): void { sync.begin(team); }
export function unfinishedThreads(team: sync.Team): i32 { return sync.unfinished(team); }
export function pulseOf(team: sync.Team): i32 { return sync.pulse(team); }
export function stopTeam(team: sync.Team): void { sync.stop(team); }
/** The thread's worker is gone, wherever it was. */
export function loseThread(thread: sync.Thread): void { sync.lose(thread); }

// What every thread of a team calls, each with its own Thread
export { forwardRows, predict, train, evaluate, gradients };

// Training
export { optimizerBytes, stateBlocks, resetOptimizer };
/** The options are to be written next, then the blocks of state are told. */
export function buildOptimizer(state: OptimizerState, kind: Optimizer): void { state.kind = kind; }
export function optionsOf(state: OptimizerState): usize { return state.options; }
export function countersOf(state: OptimizerState): usize { return state.counters; }
export function setStateBlocks(state: OptimizerState, blocks: usize): void { state.blocks = blocks; }

export { normsBytes };
/** What a trainer needs beside where its optimizer searches along lines; of a core too, as the search may join it later. */
export function searchBytes(network: Network, optimizer: OptimizerState): f64 {
  return optimizer.kind == Optimizer.lbfgs ? <f64>lbfgsBytes(network, optimizer) : 0;
}
export function trainerBytes(): usize { return offsetof<Trainer>(); }
export function buildTrainer(
  trainer: Trainer, network: Network, workspace: Workspace, loss: Loss, optimizer: OptimizerState,
  gradient: usize, norms: usize, search: usize,
): void {
  trainer.lossParameter = 0;
  trainer.labelSmoothing = 0;
  trainer.classWeights = 0;
  trainer.network = network;
  trainer.workspace = workspace;
  trainer.loss = loss;
  trainer.optimizer = optimizer;
  trainer.gradient = gradient;
  trainer.norms = norms;
  trainer.search = search;
}
export function setLossOptions(trainer: Trainer, parameter: f32, labelSmoothing: f32, classWeights: usize): void {
  trainer.lossParameter = parameter;
  trainer.labelSmoothing = labelSmoothing;
  trainer.classWeights = classWeights;
}
export function setWorkspace(trainer: Trainer, workspace: Workspace): void { trainer.workspace = workspace; }

export function metricsBytes(): usize { return offsetof<Metrics>(); }
export function resetMetrics(metrics: Metrics, classifies: bool, threshold: f32, confusion: usize): void {
  setMetrics(metrics, 0, 0);
  metrics.classifies = classifies;
  metrics.threshold = threshold;
  metrics.confusion = confusion;
}
export function setMetrics(metrics: Metrics, lossSum: f64, correct: f64): void {
  metrics.lossSum = lossSum;
  metrics.correct = correct;
}
export function lossSum(metrics: Metrics): f64 { return metrics.lossSum; }
export function correct(metrics: Metrics): f64 { return metrics.correct; }
