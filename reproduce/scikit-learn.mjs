// scikit-learn's benchmarks/bench_mnist.py, its row MLP_adam with error rate 0.0224
// (https://github.com/scikit-learn/scikit-learn/blob/main/benchmarks/bench_mnist.py).

const ALPHA = 1e-4;
const BATCH = 200;
const TOLERANCE = 1e-4;
const PATIENCE = 2;

// weights and biases alike are from U(−l, l) with l² = 6/(inputs + units)
const start = { initializer: "glorotUniform", biasInitializer: "glorotUniform" };
const hidden = { units: 100, activation: "relu", ...start };

/**
 * MLPClassifier's own end, as it was up to version 0.19, when the figure was published: the training loss was not better than
 * the best by more than `tol` in more than two epochs in a row. (`earlyStopping` compares with the loss at the last
 * progress, not with the best.)
 */
function untilNoProgress() {
  let best = Number.POSITIVE_INFINITY;
  let waited = 0;
  return ({ loss }) => {
    waited = loss > best - TOLERANCE ? waited + 1 : 0;
    best = Math.min(best, loss);
    return waited > PATIENCE;
  };
}

export const scikitLearn = [
  {
    name: "scikit-learn-mlp-adam",
    title: "scikit-learn, MLP_adam",
    published: "97.76 %, last",
    own: "alpha 1e-4, tol 1e-4",
    data: { images: 60_000, scale: 1 / 255 },
    judgedBy: "test",
    network: {
      inputs: 784,
      layers: [hidden, hidden, { units: 10, activation: "softmax", ...start }],
      // its penalty is α/2·Σw² of the batch, divided by the batch's size
      l2: ALPHA / (2 * BATCH),
    },
    trainer: {
      loss: "crossEntropy",
      optimizer: { kind: "adam", learningRate: 0.001, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 },
      batchSize: BATCH,
    },
    epochs: 400,
    endsEarly: untilNoProgress,
  },
];
