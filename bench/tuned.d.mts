/** What a work trains; activations, losses and optimizers are those of tuned-activations.mjs, tuned-losses.mjs, tuned-optimizers.mjs. */
export interface Work {
  inputs: number;
  layers: readonly { units: number; activation: string }[];
  loss: string;
  optimizer: { kind: string; learningRate: number; beta1?: number; beta2?: number; epsilon?: number };
  batchSize: number;
}
export interface Staged {
  inputs: number;
  targets: number;
}
export class TunedNetwork {
  constructor(work: Work, parameters: Float32Array);
  parameters(): Float32Array<ArrayBuffer>;
  step(inputs: Float32Array, targets: Float32Array): number;
  epoch(data: Staged, order: Uint32Array): number;
}
export function stage(data: { inputs: Float32Array; targets: Float32Array }): Staged;
