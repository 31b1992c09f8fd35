// What a trainer is in memory: a network, a workspace, what the cost is, and who follows its gradient.

import { Loss } from "../src/abi";
import { Network, Workspace } from "./network";
import { OptimizerState } from "./optimizers";

@unmanaged
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
  /** A block for the whole gradient, where the optimizer needs that, and float64 for its norm's parts; else 0. */
  gradient: usize;
  norms: usize;
  /** Where lbfgs looks for its next parameters, else 0. */
  search: usize;
}
