// What a trainer is in memory: a network, a workspace, what the cost is, and who follows its gradient.

import { Loss } from "../src/abi";
import { Network, Workspace } from "./network";
import { OptimizerState } from "./optimizers";

@unmanaged @final
export class Trainer {
  network: Network;
  workspace: Workspace;
  loss: Loss;
  /** The loss's own: huber's δ, focal's γ. */
  lossParameter: f32;
  /** ε: targets become y(1 − ε) + ε/K for K classes (Szegedy et al. 2016). */
  labelSmoothing: f32;
  /** What each class counts, float32, or 0 where all count alike. */
  classWeights: usize;
  optimizer: OptimizerState;
  /** A block for the whole gradient, and float64 for its norm's parts, where clipNorm asks for that; else 0. */
  gradient: usize;
  norms: usize;
}
