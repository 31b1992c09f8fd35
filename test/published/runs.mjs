// The published training runs. With math: "deterministic" each ends with the same parameters in every engine, on every
// machine and on any number of threads: hashes.json has their SHA-256. A run that was published never changes; what is new
// (an activation, an option) comes as a new run at the end, and `npm run hashes` publishes it.
//
// A plain module that imports nothing, so that every engine and every browser can load it. It computes data from whole
// numbers by + − × and a division by a power of two, and leaves Math.sin and their like alone: their bits are the engine's.

/** Numbers in −1..1, by a linear congruential generator (Numerical Recipes, §7.1). */
function numbers(length, seed) {
  let state = seed;
  return Float32Array.from({ length }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return (state >> 8) / 2 ** 23;
  });
}

/** Rows of numbers, and targets that are sums of products of them. */
function products(rows, inputSize, outputSize, seed) {
  const inputs = numbers(rows * inputSize, seed);
  const targets = Float32Array.from({ length: rows * outputSize }, (_, i) => {
    const row = Math.floor(i / outputSize) * inputSize;
    const output = i % outputSize;
    let sum = 0;
    for (let k = 0; k < inputSize; k++) sum += inputs[row + k] * inputs[row + ((k + output + 1) % inputSize)];
    return sum;
  });
  return { inputs, inputSize, targets, outputSize };
}

/** Each run's `data` comes from the package's exports; `network`, `trainer` and `fit` are the options of their classes. */
export const runs = [
  {
    name: "spirals",
    data: ({ datasets }) => datasets.spirals({ samples: 200, classes: 3 }),
    network: {
      inputs: 2,
      layers: [
        { units: 17, activation: "gelu" },
        { units: 9, activation: "tanh" },
        { units: 3, activation: "softmax" },
      ],
      seed: 2026,
    },
    trainer: { optimizer: { kind: "adam", learningRate: 0.01 }, batchSize: 13 },
    fit: { epochs: 20 },
  },
  {
    name: "digits, bytes",
    data: async ({ datasets }) => (await datasets.digits()).take(400),
    network: {
      inputs: 64,
      layers: [
        { units: 30, activation: "sigmoid", initializer: "normal", biasInitializer: "normal" },
        { units: 10, activation: "sigmoid", initializer: "small" },
      ],
      seed: 1,
    },
    trainer: { loss: "quadratic", optimizer: { kind: "sgd", learningRate: 3 }, batchSize: 7 },
    fit: { epochs: 4 },
  },
  {
    name: "digits, wide",
    data: async ({ datasets }) => (await datasets.digits()).skip(1200),
    network: {
      inputs: 64,
      layers: [
        { units: 101, activation: "relu", initializer: "heUniform" },
        { units: 37, activation: "leakyRelu" },
        { units: 10, activation: "softmax" },
      ],
      seed: 2,
    },
    trainer: {
      optimizer: { kind: "sgd", learningRate: 0.02, momentum: 0.9, nesterov: true, weightDecay: 1e-4 },
      batchSize: 64,
    },
    fit: { epochs: 4 },
  },
  {
    name: "moons, one output",
    data: ({ datasets }) => datasets.moons({ samples: 150, outputSize: 1, seed: 3 }),
    network: {
      inputs: 2,
      layers: [
        { units: 12, activation: "swish" },
        { units: 11, activation: "elu", initializer: "lecunUniform" },
        { units: 1, activation: "sigmoid" },
      ],
      seed: 3,
    },
    trainer: {
      loss: "binaryCrossEntropy",
      optimizer: { kind: "rmsProp", learningRate: 0.003, momentum: 0.8, centered: true },
      batchSize: 16,
    },
    fit: { epochs: 15 },
  },
  {
    name: "regression on many outputs",
    data: ({ Dataset }) => Dataset.from(products(61, 150, 70, 4)),
    network: {
      inputs: 150,
      layers: [
        { units: 19, activation: "selu" },
        { units: 21, activation: "softplus", initializer: "glorotNormal" },
        { units: 70 },
      ],
      seed: 4,
    },
    trainer: { loss: "huber", optimizer: { kind: "nadam", learningRate: 0.004 }, batchSize: 9 },
    fit: { epochs: 25 },
  },
  {
    name: "regression, decoupled decay",
    data: ({ Dataset }) => Dataset.from(products(200, 5, 2, 5)),
    network: {
      inputs: 5,
      layers: [
        { units: 23, activation: "mish" },
        { units: 8, activation: "tanh", initializer: { kind: "uniform", limit: 0.3 } },
        { units: 2 },
      ],
      seed: 5,
    },
    trainer: {
      loss: "meanSquaredError",
      optimizer: { kind: "adamW", learningRate: 0.005, weightDecay: 0.05, amsgrad: true },
      batchSize: 33,
    },
    fit: { epochs: 20 },
  },
  {
    name: "regression of magnitudes",
    data: ({ Dataset }) => Dataset.from(products(120, 6, 3, 6)),
    network: {
      inputs: 6,
      layers: [
        { units: 14, activation: "softsign", biasInitializer: { kind: "constant", value: 0.1 } },
        { units: 13, activation: "hardSwish" },
        { units: 3 },
      ],
      seed: 6,
    },
    trainer: {
      loss: "meanAbsoluteError",
      optimizer: { kind: "adagrad", learningRate: 0.05, initialAccumulatorValue: 0.1, clipValue: 0.05 },
      batchSize: 50,
    },
    fit: { epochs: 20 },
  },
  {
    name: "full batches",
    data: ({ datasets }) => datasets.spirals({ samples: 121, classes: 5, turns: 0.5, seed: 7 }),
    network: {
      inputs: 2,
      layers: [
        { units: 20, activation: "relu6", initializer: "lecunNormal" },
        { units: 15, activation: "hardSigmoid" },
        { units: 5, activation: "softmax" },
      ],
      seed: 7,
    },
    trainer: { optimizer: { kind: "rProp", learningRate: 0.005 }, batchSize: 200 },
    fit: { epochs: 60 },
  },
  {
    name: "softmax within, one row at a time",
    data: ({ datasets }) => datasets.circles({ samples: 50, seed: 8 }),
    network: {
      inputs: 2,
      layers: [
        { units: 9, activation: "softmax", initializer: "normal" },
        { units: 2, activation: "softmax", biasInitializer: "zeros" },
      ],
      seed: 8,
    },
    trainer: {
      loss: "binaryCrossEntropy",
      optimizer: { kind: "adadelta", learningRate: 0.2, clipNorm: 0.3 },
      batchSize: 1,
    },
    fit: { epochs: 12 },
  },
  {
    name: "signs, clipped",
    data: ({ Dataset }) => Dataset.from(products(100, 33, 4, 9)),
    network: { inputs: 33, layers: [{ units: 40, activation: "gelu" }, { units: 4 }], seed: 9 },
    trainer: {
      loss: "huber",
      optimizer: { kind: "lion", learningRate: 0.002, weightDecay: 0.1, clipNorm: 0.5 },
      batchSize: 11,
    },
    fit: { epochs: 12 },
  },
  {
    name: "stream",
    data: ({ Dataset }) =>
      Dataset.stream({
        inputSize: 4,
        outputSize: 1,
        bufferRows: 64,
        chunks: function* () {
          for (let chunk = 0; chunk < 5; chunk++) {
            const { inputs, targets } = products(37, 4, 1, chunk);
            yield { inputs, targets };
          }
        },
      }),
    network: {
      inputs: 4,
      layers: [
        { units: 16, activation: "swish", initializer: "glorotUniform" },
        { units: 1, activation: "identity", initializer: "zeros" },
      ],
      seed: 10,
    },
    trainer: { optimizer: { kind: "adamax", learningRate: 0.01 }, batchSize: 10 },
    fit: { epochs: 10 },
  },
  {
    name: "dropout, noise, penalties and bounds",
    data: async ({ datasets }) => (await datasets.digits()).take(500),
    network: {
      inputs: 64,
      layers: [
        { units: 43, activation: "relu", dropout: 0.3 },
        { units: 20, activation: "tanh", dropout: 0.1, maxNorm: 1 },
        { units: 10, activation: "softmax" },
      ],
      seed: 12,
      inputDropout: 0.1,
      inputNoise: 0.05,
      l1: 1e-5,
      l2: 1e-4,
    },
    trainer: {
      loss: { kind: "focal", gamma: 1.5 },
      labelSmoothing: 0.1,
      classWeights: "balanced",
      optimizer: { kind: "adam", learningRate: 0.003 },
      batchSize: 21,
    },
    fit: { epochs: 4 },
  },
  ...["hinge", "squaredHinge"].map((loss, i) => ({
    name: loss,
    data: ({ datasets }) => datasets.moons({ samples: 120, seed: 13 + i }),
    network: { inputs: 2, layers: [{ units: 11, activation: "tanh", dropout: 0.2 }, { units: 2 }], seed: 13 + i },
    trainer: { loss, optimizer: { kind: "sgd", learningRate: 0.05, momentum: 0.9, clipNorm: 1 }, batchSize: 17 },
    fit: { epochs: 10 },
  })),
  ...["logCosh", "cosineSimilarity"].map((loss, i) => ({
    name: loss,
    data: ({ Dataset }) => Dataset.from(products(90, 7, 5, 15 + i)),
    network: { inputs: 7, layers: [{ units: 16, activation: "swish" }, { units: 5 }], seed: 15 + i },
    trainer: { loss, optimizer: { kind: "adam", learningRate: 0.01, amsgrad: true }, batchSize: 16 },
    fit: { epochs: 10 },
  })),
  {
    name: "counts, weighed",
    data: ({ Dataset }) => {
      const { targets, ...rest } = products(80, 6, 3, 17);
      const sampleWeights = numbers(80, 18).map(Math.abs);
      return Dataset.from({ ...rest, targets: targets.map((y) => Math.floor(Math.abs(y) * 4)), sampleWeights });
    },
    network: {
      inputs: 6,
      layers: [
        { units: 10, activation: "elu" },
        { units: 3, activation: "softplus" },
      ],
      seed: 17,
    },
    trainer: { loss: "poisson", optimizer: { kind: "adamW", learningRate: 0.01 }, batchSize: 12 },
    fit: { epochs: 10 },
  },
  {
    name: "distributions",
    data: ({ Dataset }) => {
      const { targets, ...rest } = products(70, 5, 4, 19);
      const y = targets.map((_, i) => {
        const row = targets.slice(i - (i % 4), i - (i % 4) + 4).map((value) => Math.abs(value) + 0.125);
        return row[i % 4] / row.reduce((sum, value) => sum + value, 0);
      });
      return Dataset.from({ ...rest, targets: y });
    },
    network: {
      inputs: 5,
      layers: [
        { units: 12, activation: "mish" },
        { units: 4, activation: "softmax" },
      ],
      seed: 19,
    },
    trainer: { loss: "klDivergence", optimizer: { kind: "nadam", learningRate: 0.01 }, batchSize: 10 },
    fit: { epochs: 10 },
  },
  {
    name: "normalised",
    data: async ({ datasets }) => (await datasets.digits()).skip(1300),
    network: {
      inputs: 64,
      layers: [
        { units: 33, activation: "relu", normalization: "batch", dropout: 0.1 },
        { units: 18, activation: "softmax", normalization: "layer" },
        { units: 10, activation: "softmax", normalization: { kind: "batch", momentum: 0.3, epsilon: 1e-3 } },
      ],
      seed: 20,
    },
    trainer: {
      optimizer: { kind: "adamW", learningRate: 0.01, clipNorm: 2 },
      schedule: { kind: "cosine", warmUp: 1 },
      batchSize: 31,
    },
    fit: { epochs: 5 },
  },
  {
    name: "line searches",
    data: ({ Dataset }) => Dataset.from(products(120, 5, 3, 21)),
    network: {
      inputs: 5,
      layers: [{ units: 17, activation: "tanh", l2: 1e-4 }, { units: 9, activation: "softplus" }, { units: 3 }],
      seed: 21,
    },
    trainer: { optimizer: { kind: "lbfgs", historySize: 6 }, batchSize: 120 },
    fit: { epochs: 40 },
  },
];

/** Trains a run with the package that is given. */
export async function train(nablanet, { name, data, network: options, trainer, fit }, { math, threads }) {
  const network = await nablanet.Network.create({ ...options, math });
  const result = await new nablanet.Trainer(network, trainer).fit(await data(nablanet), { ...fit, threads });
  if (result.status !== "completed") throw new Error(`the run "${name}" ended as ${result.status}`);
  return { parameters: network.parameters(), threads: result.threads };
}

/** SHA-256 of float32 numbers, little-endian whatever the machine's order is. */
export async function hash(parameters) {
  const bytes = new DataView(new ArrayBuffer(4 * parameters.length));
  parameters.forEach((number, i) => {
    bytes.setFloat32(4 * i, number, true);
  });
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Trains all runs: their hashes by name, and the threads that were used. */
export async function hashAll(nablanet, how) {
  const hashes = {};
  const threads = new Set();
  for (const run of runs) {
    const trained = await train(nablanet, run, how);
    hashes[run.name] = await hash(trained.parameters);
    threads.add(`${trained.threads.used}: ${trained.threads.reason}`);
  }
  return { hashes, threads: [...threads] };
}
