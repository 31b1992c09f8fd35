// N. Srivastava et al., Dropout: A Simple Way to Prevent Neural Networks from Overfitting, JMLR 15 (2014), table 2,
// "Dropout NN + max-norm constraint", ReLU, 3 layers of 1024 units; settings from appendix B.1.

const UPDATES = 1_000_000;
const IMAGES = 60_000;
const BATCH = 100;

const hidden = { units: 1024, activation: "relu", dropout: 0.5 };

const paper = {
  published: "98.94 %, last",
  own: "p 0.8 and 0.5, c 2, momentum 0.95",
  data: { images: IMAGES, scale: 1 / 255 },
  judgedBy: "test",
  network: {
    inputs: 784,
    inputDropout: 0.2,
    layers: [hidden, hidden, hidden, { units: 10, activation: "softmax" }],
    maxNorm: 2,
  },
  long: true,
};

export const srivastava = [
  {
    ...paper,
    name: "srivastava-shorter",
    title: "Srivastava et al., dropout and max-norm, 60,000 updates",
    // a sixteenth of the paper's updates: a rate four times as high, that falls to 0 in a line
    trainer: {
      loss: "crossEntropy",
      optimizer: { kind: "sgd", learningRate: 0.02, momentum: 0.95 },
      schedule: { kind: "polynomial" },
      batchSize: BATCH,
    },
    epochs: 100,
  },
  {
    ...paper,
    name: "srivastava-max-norm",
    title: "Srivastava et al., dropout and max-norm",
    trainer: {
      loss: "crossEntropy",
      // the paper gives no rate: momentum makes this one come to 0.005/(1 − 0.95) = 0.1
      optimizer: { kind: "sgd", learningRate: 0.005, momentum: 0.95 },
      batchSize: BATCH,
    },
    epochs: Math.ceil(UPDATES / (IMAGES / BATCH)),
  },
];
