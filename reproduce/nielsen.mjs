// M. Nielsen, Neural Networks and Deep Learning, 2015, chapters 1 and 3 (http://neuralnetworksanddeeplearning.com), with
// every choice as in the book's network.py and network2.py. What its figures draw, epoch by epoch, is in
// https://github.com/mnielsen/neural-networks-and-deep-learning/tree/master/fig: regularized_full.json and
// weight_initialization_30.json.

const OUTPUTS = 10;
const TRAINING_IMAGES = 50_000;

// the book's mnist.pkl.gz has the bytes divided by 256
const data = { images: TRAINING_IMAGES, scale: 1 / 256 };

/** Weights from N(0, 1), as in chapter 1; network2's large_weight_initializer. */
const large = "normal";
/** Weights from N(0, 1/n_in), from chapter 3 on; network2's default. */
const scaled = "lecunNormal";

const network = (hidden, initializer) => ({
  inputs: 784,
  layers: [hidden, OUTPUTS].map((units) => ({
    units,
    activation: "sigmoid",
    initializer,
    biasInitializer: "normal",
  })),
});

const sgd = (learningRate) => ({ optimizer: { kind: "sgd", learningRate }, batchSize: 10 });

const quadratic = (hidden, eta) => ({
  network: network(hidden, large),
  trainer: { loss: "quadratic", ...sgd(eta) },
});

/**
 * The book sums the cross-entropy over the outputs where `binaryCrossEntropy` is their mean, so the same step takes
 * OUTPUTS times the rate. The penalty isn't part of that mean: the book's is λ/(2n)·Σw², n the training images, and what
 * the rate is multiplied by it must be divided by.
 */
const crossEntropy = (hidden, initializer, eta, lambda) => ({
  network: { ...network(hidden, initializer), l2: lambda / (2 * TRAINING_IMAGES * OUTPUTS) },
  trainer: { loss: "binaryCrossEntropy", ...sgd(OUTPUTS * eta) },
});

export const nielsen = [
  {
    name: "nielsen-quadratic-30",
    title: "Nielsen ch. 1, 30 hidden",
    published: "95.42 %, best",
    own: "η 3",
    data,
    judgedBy: "test",
    ...quadratic(30, 3),
    epochs: 30,
  },
  {
    name: "nielsen-quadratic-100",
    title: "Nielsen ch. 1, 100 hidden",
    published: "96.59 %",
    own: "η 3",
    data,
    judgedBy: "test",
    ...quadratic(100, 3),
    epochs: 30,
  },
  {
    name: "nielsen-cross-entropy-30",
    title: "Nielsen ch. 3, cross-entropy, 30 hidden",
    published: "95.49 %",
    own: "η 0.5, λ 0",
    data,
    judgedBy: "test",
    ...crossEntropy(30, large, 0.5, 0),
    epochs: 30,
  },
  {
    name: "nielsen-cross-entropy-100",
    title: "Nielsen ch. 3, cross-entropy, 100 hidden",
    published: "96.82 %",
    own: "η 0.5, λ 0",
    data,
    judgedBy: "test",
    ...crossEntropy(100, large, 0.5, 0),
    epochs: 30,
  },
  {
    name: "nielsen-l2-30",
    title: "Nielsen ch. 3, L2, 30 hidden",
    published: "96.49 %, best; 95.61 %, last",
    own: "η 0.5, λ 5",
    data,
    judgedBy: "test",
    ...crossEntropy(30, large, 0.5, 5),
    epochs: 30,
  },
  {
    name: "nielsen-l2-100",
    title: "Nielsen ch. 3, L2, 100 hidden",
    published: "97.92 %",
    own: "η 0.5, λ 5",
    data,
    judgedBy: "validation",
    ...crossEntropy(100, large, 0.5, 5),
    epochs: 30,
  },
  {
    name: "nielsen-l2-100-longer",
    title: "Nielsen ch. 3, L2, 100 hidden, longer",
    published: "98.04 %",
    own: "η 0.1, λ 5",
    data,
    judgedBy: "validation",
    ...crossEntropy(100, large, 0.1, 5),
    epochs: 60,
  },
  {
    name: "nielsen-large-weights",
    title: "Nielsen ch. 3, large initial weights",
    published: "86.43 %, first; 96.37 %, last",
    own: "η 0.1, λ 5",
    data,
    judgedBy: "validation",
    ...crossEntropy(30, large, 0.1, 5),
    epochs: 30,
  },
  {
    name: "nielsen-scaled-weights",
    title: "Nielsen ch. 3, scaled initial weights",
    published: "92.70 %, first; 96.50 %, last",
    own: "η 0.1, λ 5",
    data,
    judgedBy: "validation",
    ...crossEntropy(30, scaled, 0.1, 5),
    epochs: 30,
  },
];
