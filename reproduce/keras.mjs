// Keras' example mnist_mlp.py (https://github.com/keras-team/keras/blob/2.2.4/examples/mnist_mlp.py): "Gets to 98.40% test
// accuracy after 20 epochs".

const hidden = { units: 512, activation: "relu", initializer: "glorotUniform", dropout: 0.2 };

export const keras = [
  {
    name: "keras-mnist-mlp",
    title: "Keras, mnist_mlp.py",
    published: "98.40 %, last",
    own: "RMSprop()",
    data: { images: 60_000, scale: 1 / 255 },
    judgedBy: "test",
    network: {
      inputs: 784,
      layers: [hidden, hidden, { units: 10, activation: "softmax", initializer: "glorotUniform" }],
    },
    trainer: {
      loss: "crossEntropy",
      // what RMSprop() was: epsilon is that of keras.backend
      optimizer: { kind: "rmsProp", learningRate: 0.001, rho: 0.9, epsilon: 1e-7 },
      batchSize: 128,
    },
    epochs: 20,
  },
];
