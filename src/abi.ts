// What both sides of the WebAssembly border agree on. AssemblyScript and TypeScript compile this same file:
// the members' names are the option names of the public API, their numbers are what lies in memory.

export enum Activation {
  identity,
  sigmoid,
  tanh,
  relu,
  leakyRelu,
  elu,
  selu,
  gelu,
  swish,
  mish,
  softplus,
  softsign,
  relu6,
  hardSigmoid,
  hardSwish,
  softmax,
}

export enum Loss {
  meanSquaredError,
  quadratic,
  meanAbsoluteError,
  huber,
  crossEntropy,
  binaryCrossEntropy,
  hinge,
  squaredHinge,
  logCosh,
  poisson,
  klDivergence,
  cosineSimilarity,
  focal,
}

export enum Optimizer {
  sgd,
  adam,
  adamW,
  nadam,
  adamax,
  rmsProp,
  adagrad,
  adadelta,
  lion,
  rProp,
  lbfgs,
}

/** An optimizer's options in memory, float64 each, true and false as 1 and 0; those that it doesn't have are 0. */
export enum OptimizerOption {
  learningRate,
  weightDecay,
  clipValue,
  clipNorm,
  momentum,
  nesterov,
  beta1,
  beta2,
  epsilon,
  amsgrad,
  momentumDecay,
  rho,
  centered,
  initialAccumulatorValue,
  etaMinus,
  etaPlus,
  minStep,
  maxStep,
  historySize,
  tolerance,
}

/**
 * What an optimizer counts from step to step, float64 each: t, β₁ᵗ, β₂ᵗ, the product of nadam's momenta; and of lbfgs the pairs
 * in its history, whether cost and gradient of the parameters are known, that cost, and the loss summed over the rows and
 * their hits, how many steps in a row have gained nothing, and whether it has come to a minimum.
 */
export enum OptimizerCounter {
  steps,
  beta1Power,
  beta2Power,
  momentumProduct,
  pairs,
  isKnown,
  cost,
  lossSum,
  correct,
  stalls,
  hasConverged,
}

/** How the input rows of a staged dataset lie in memory. */
export enum InputKind {
  float32,
  uint8,
}

/** How its targets lie: rows of float32, or one int32 class index a row. */
export enum TargetKind {
  values,
  classes,
}

/** What a workspace is for, which decides what it keeps between the layers. */
export enum Purpose {
  /** Activations of the layer at hand only. */
  predict,
  /** Everything that backpropagation reads. */
  train,
  /** That, and each layer's z beside its a. */
  trace,
}

/** What JavaScript describes a network with, float64 each, before its layers. */
export enum NetworkOption {
  inputs,
  layerCount,
  seed,
  inputDropout,
  inputNoise,
  scalesInputs,
}

/** What it describes each layer with, likewise. */
export enum LayerOption {
  units,
  activation,
  dropout,
  l1,
  l2,
  maxNorm,
  normalization,
  momentum,
  epsilon,
}

/** How a layer's weighted sums are normalised before its activation. */
export enum Normalization {
  none,
  batch,
  layer,
}

/** Where the parts of a stand-alone module lie in its memory: a uint32 for each at address 16. */
export enum StandalonePlace {
  thread,
  workspace,
  table,
  output,
  /** float64, a factor and an offset for each output; 0 where outputs are answered as they are. */
  unscaling,
}
