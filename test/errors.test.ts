// What every public entry point says to input it can't use. The messages are the contract: place, expected, got.

import { describe, expect, it } from "vitest";
import { Dataset, datasets, Network, type NetworkOptions, Trainer, type TrainerOptions } from "../src/index.js";

async function expectError(
  call: () => unknown,
  kind: typeof RangeError | typeof TypeError | typeof Error,
  message: string | RegExp,
) {
  let error: unknown;
  try {
    await call();
  } catch (thrown) {
    error = thrown;
  }
  const said = (error as Error | undefined)?.message ?? "no error";
  if (typeof message === "string") expect(said.slice(0, message.length)).toBe(message);
  else expect(said).toMatch(message);
  expect(Object.getPrototypeOf(error)).toBe(kind.prototype);
}

/** A table of wrong values, tried one by one. */
function refuses(
  what: string,
  cases: [call: () => unknown, kind: typeof RangeError | typeof TypeError | typeof Error, message: string | RegExp][],
) {
  describe(what, () => {
    for (const [call, kind, message] of cases) it(String(message), () => expectError(call, kind, message));
  });
}

const layers = [{ units: 2, activation: "sigmoid" }] as const;
const create = (options: object) => Network.create({ inputs: 3, layers, ...options } as NetworkOptions);
const layer = (options: object) => create({ layers: [{ units: 2, ...options }] });

refuses("Network.create", [
  [
    () => Network.create(undefined as never),
    TypeError,
    "the options of Network.create must be an object with inputs and layers, got undefined",
  ],
  [
    () => Network.create([] as never),
    TypeError,
    "the options of Network.create must be a plain object, got an array of length 0",
  ],
  [() => create({ inputs: 0 }), RangeError, "inputs must be an integer from 1 to 16777216, got 0"],
  [() => create({ inputs: 2.5 }), RangeError, "inputs must be an integer from 1 to 16777216, got 2.5"],
  [() => create({ inputs: "3" }), TypeError, 'inputs must be an integer from 1 to 16777216, got "3"'],
  [() => create({ inputs: Number.NaN }), RangeError, "inputs must be an integer from 1 to 16777216, got NaN"],
  [() => create({ layers: {} }), TypeError, "layers must be an array of layers, got an object"],
  [() => create({ layers: [] }), RangeError, "layers must have at least one layer, got none"],
  [() => create({ layers: [undefined] }), TypeError, /^layers\[0\] must be an object with units, got undefined$/],
  [
    () => create({ layers: [{ units: 4 }, { units: -3 }] }),
    RangeError,
    /^layers\[1\]\.units must be an integer from 1 to 16777216, got -3$/,
  ],
  [
    () => layer({ activation: "sigmiod" }),
    RangeError,
    /^layers\[0\]\.activation must be one of identity, sigmoid, .*, softmax, got "sigmiod"$/,
  ],
  [() => layer({ activation: 7 }), TypeError, /^layers\[0\]\.activation must be one of .*, got 7$/],
  [
    () => layer({ dropOut: 0.5 }),
    RangeError,
    /^layers\[0\] has no option "dropOut"; its options are units, activation, initializer, biasInitializer, dropout, normalization, l1, l2, maxNorm$/,
  ],
  [() => layer({ units: 1, activation: "softmax" }), RangeError, /^layers\[0\]: softmax needs at least 2 units, got 1/],
  [
    () => layer({ initializer: "he" }),
    RangeError,
    /^layers\[0\]\.initializer must be one of small, .*, constant, got "he"$/,
  ],
  [
    () => layer({ initializer: 3 }),
    TypeError,
    /^layers\[0\]\.initializer must be an initializer's name or its options, got 3$/,
  ],
  [
    () => layer({ initializer: { kind: "normal", std: 2 } }),
    RangeError,
    /^layers\[0\]\.initializer "normal" has no option "std"; its options are kind, deviation$/,
  ],
  [
    () => layer({ initializer: { kind: "normal", deviation: -1 } }),
    RangeError,
    /^layers\[0\]\.initializer\.deviation must be a finite number of at least 0, got -1$/,
  ],
  [
    () => layer({ biasInitializer: { kind: "constant" } }),
    TypeError,
    /^layers\[0\]\.biasInitializer\.value must be a finite number, got undefined$/,
  ],
  [
    () => layer({ biasInitializer: "constant" }),
    TypeError,
    /^layers\[0\]\.biasInitializer\.value must be a finite number, got undefined$/,
  ],
  [() => create({ seed: -1 }), RangeError, "seed must be an integer of at least 0, got -1"],
  [() => create({ seed: 0.5 }), RangeError, "seed must be an integer of at least 0, got 0.5"],
  [() => create({ math: "exact" }), RangeError, 'math must be one of fast, deterministic, got "exact"'],
  [
    () => create({ sed: 1 }),
    RangeError,
    'Network.create has no option "sed"; its options are inputs, layers, schema, seed, math',
  ],
]);

const network = await create({ seed: 1 });
const small = () => network.parameters();

refuses("network.predict", [
  [() => network.predict([1, 2]), RangeError, "samples must hold rows of 3 numbers, got 2 numbers"],
  [() => network.predict([]), RangeError, "samples must hold rows of 3 numbers, got 0 numbers"],
  [
    () =>
      network.predict([
        [1, 2, 3],
        [1, 2],
      ]),
    RangeError,
    /^samples\[1\] must have 3 numbers, got 2$/,
  ],
  [() => network.predict([[1, 2, 3], 4] as never), TypeError, /^samples\[1\] must be an array of 3 numbers, got 4$/],
  [() => network.predict([1, Number.NaN, 3]), RangeError, /^sample\[1\] must be finite in float32, got NaN$/],
  [
    () => network.predict([1, 2, Number.POSITIVE_INFINITY]),
    RangeError,
    /^sample\[2\] must be finite in float32, got Infinity$/,
  ],
  [
    () => network.predict(new Float64Array([1, 1e39, 3])),
    RangeError,
    /^sample\[1\] must be finite in float32, got 1e\+39$/,
  ],
  [() => network.predict([1, "2", 3] as never), TypeError, /^sample\[1\] must be a number, got "2"$/],
  [() => network.predict([1, null, 3] as never), TypeError, /^sample\[1\] must be a number, got null$/],
  [
    () =>
      network.predict([
        [1, 2, 3],
        [1, Number.NaN, 3],
      ]),
    RangeError,
    /^samples\[1\]\[1\] must be finite in float32, got NaN$/,
  ],
  [() => network.predict([1, 2, 3, 4, Number.NaN, 6]), RangeError, /^samples\[4\] must be finite in float32, got NaN$/],
  [
    () => network.predict("abc" as never),
    TypeError,
    'samples must be an array of numbers or of rows of 3 numbers, got "abc"',
  ],
  [
    () => network.predict(new BigInt64Array(3) as never),
    TypeError,
    "samples must be an array of numbers or of rows of 3 numbers, got a BigInt64Array of 24 bytes",
  ],
  [
    () => network.predict(data as never),
    TypeError,
    "samples must be an array of numbers or of rows of 3 numbers, got a Dataset",
  ],
  [
    () => network.predict(undefined as never),
    TypeError,
    "samples must be an array of numbers or of rows of 3 numbers, got undefined",
  ],
  [() => network.trace([1]), RangeError, "sample must have 3 numbers, got 1"],
  [() => network.trace([1, 2, Number.NaN]), RangeError, /^sample\[2\] must be finite in float32, got NaN$/],
]);

refuses("network.setParameters, which changes nothing then", [
  [() => network.setParameters([1]), RangeError, "vector must have 8 numbers, got 1"],
  [() => network.setParameters({} as never), TypeError, "vector must be an array of 8 numbers, got an object"],
  [
    () => {
      const before = small();
      const vector = small().fill(7);
      vector[5] = Number.NaN;
      try {
        network.setParameters(vector);
      } finally {
        expect(small()).toEqual(before);
      }
    },
    RangeError,
    /^vector\[5\] must be finite in float32, got NaN$/,
  ],
]);

const from = (options: object) => () =>
  Dataset.from({
    inputs: [
      [1, 2],
      [3, 4],
    ],
    targets: [[1], [2]],
    ...options,
  });

refuses("arrays with holes and other kinds in them", [
  [from({ inputs: [[1, 2], undefined] }), TypeError, /^inputs\[1\] must be an array of 2 numbers, got undefined$/],
  [from({ inputs: [true, false, true, true], inputSize: 2 }), TypeError, /^inputs\[0\] must be a number, got true$/],
  [from({ targets: [undefined, 1] }), TypeError, /^targets\[0\] must be a number, got undefined$/],
  [from({ targets: [5n, 6n] }), TypeError, /^targets\[0\] must be a number, got 5n$/],
  [from({ targets: [true, false] }), TypeError, /^targets\[0\] must be a number, got true$/],
  [
    () => network.predict([[1, 2, 3], undefined] as never),
    TypeError,
    /^samples\[1\] must be an array of 3 numbers, got undefined$/,
  ],
  [() => create({ layers: new Array(2) }), TypeError, /^layers\[0\] must be an object with units, got undefined$/],
  [
    () => new Trainer(network, new Map([["loss", "huber"]]) as never),
    TypeError,
    "the options of Trainer must be a plain object, got a Map",
  ],
  [
    () => new Trainer(network, { optimizer: null } as never),
    TypeError,
    "the options of optimizer must be a plain object, got null",
  ],
  [
    () => create({ layers: [{ units: 1, biasInitializer: null }] }),
    TypeError,
    /^layers\[0\]\.biasInitializer must be an initializer's name/,
  ],
  [
    () => new (Network as unknown as new (options: object) => unknown)({ inputs: 1 }),
    TypeError,
    "networks are made by await Network.create(…)",
  ],
  [
    () => new (Dataset as unknown as new (options: object) => unknown)({ inputs: [[1]] }),
    TypeError,
    "datasets are made by Dataset.from(…)",
  ],
]);

class Config {
  epochs = 1;
}

refuses("options of a class", [
  [
    () => new Trainer(network, new Config() as never),
    TypeError,
    "the options of Trainer must be a plain object, got an object of class Config",
  ],
]);

refuses("numbers that vanish or overflow in float32", [
  [from({ scale: 0 }), RangeError, "scale must be a number that float32 holds, other than 0, got 0"],
  [from({ scale: 1e-50 }), RangeError, "scale must be a number that float32 holds, other than 0, got 1e-50"],
  [from({ scale: 1e39 }), RangeError, "scale must be a number that float32 holds, other than 0, got 1e+39"],
  [
    () => new Trainer(network, { optimizer: { kind: "sgd", learningRate: 1e-50 } }),
    RangeError,
    "optimizer.learningRate in float32 must be a finite number above 0, got 0",
  ],
  [
    () => new Trainer(network, { optimizer: { kind: "sgd", momentum: 0.9999999999 } }),
    RangeError,
    "optimizer.momentum in float32 must be a finite number of at least 0 and below 1, got 1",
  ],
]);

const three = [[1], [2], [3]];

refuses("targets with classes", [
  [
    from({ targets: [[0.3], [5]], classes: 2, outputSize: 1 }),
    RangeError,
    /^targets\[1\] must be from 0 to 1, as there are classes, got 5$/,
  ],
  [
    from({ inputs: three, targets: [0, 1], classes: 2 }),
    RangeError,
    "inputs and targets must have as many rows, got 3 and 2",
  ],
  [
    from({ inputs: three, targets: ["a", "b"], classes: ["a", "b"] }),
    RangeError,
    "inputs and targets must have as many rows, got 3 and 2",
  ],
  [
    from({ inputs: three, targets: [0, 1, 0, 1], classes: 2 }),
    RangeError,
    "inputs and targets must have as many rows, got 3 and 4",
  ],
  [
    from({ targets: [1, 1, 0, 0], classes: 2 }),
    RangeError,
    /^targets\[0\] must be one-hot, or probabilities that add up to 1, got 1, 1$/,
  ],
  [
    from({
      targets: [
        [5, -4],
        [0, 1],
      ],
      classes: 2,
    }),
    RangeError,
    /^targets\[0\] must be one-hot, or probabilities that add up to 1, got 5, -4$/,
  ],
]);

refuses("Dataset.from", [
  [
    () => Dataset.from(undefined as never),
    TypeError,
    "the options of Dataset.from must be an object with inputs and targets, got undefined",
  ],
  [
    from({ input: 1 }),
    RangeError,
    'Dataset.from has no option "input"; its options are inputs, targets, sampleWeights, inputSize, outputSize, classes, scale',
  ],
  [from({ inputs: [] }), RangeError, "inputs must have at least one row, got none"],
  [from({ inputs: new Float32Array(0) }), RangeError, "inputs must have at least one row, got none"],
  [from({ inputs: undefined }), TypeError, "inputs must be an array of rows or a flat array of numbers, got undefined"],
  [from({ inputs: [[], []] }), RangeError, "inputSize: the first row must have at least one number, got none"],
  [from({ inputs: [[1, 2], [3]] }), RangeError, /^inputs\[1\] must have 2 numbers, got 1$/],
  [from({ inputs: [[1, 2], "34"] }), TypeError, /^inputs\[1\] must be an array of 2 numbers, got "34"$/],
  [
    from({
      inputs: [
        [1, 2],
        [3, "4"],
      ],
    }),
    TypeError,
    /^inputs\[1\]\[1\] must be a number, got "4"$/,
  ],
  [
    from({
      inputs: [
        [1, 2],
        [3, Number.NaN],
      ],
    }),
    RangeError,
    /^inputs\[1\]\[1\] must be finite in float32, got NaN$/,
  ],
  [
    from({
      inputs: [
        [1, 2],
        [-1e39, 3],
      ],
    }),
    RangeError,
    /^inputs\[1\]\[0\] must be finite in float32, got -1e\+39$/,
  ],
  [from({ inputs: new Float32Array(4) }), RangeError, "inputSize must be told where the rows lie in one flat array"],
  [
    from({ inputs: new Float32Array(4), inputSize: 3 }),
    RangeError,
    "inputs must hold rows of 3 numbers, got 4 numbers",
  ],
  [
    from({ inputs: new Float32Array([1, 2, Number.NaN, 4]), inputSize: 2 }),
    RangeError,
    /^inputs\[2\] must be finite in float32, got NaN$/,
  ],
  [
    from({ inputs: new Float32Array([1, 2, 3e38, 4]), inputSize: 2, scale: 10 }),
    RangeError,
    /^inputs\[2\] times scale must be finite in float32, got 3\.0\d*e\+38$/,
  ],
  [
    from({
      inputs: [
        [1, 2],
        [3e38, 4],
      ],
      scale: 10,
    }),
    RangeError,
    /^inputs\[1\]\[0\] times scale must be finite in float32/,
  ],
  [from({ inputSize: 0 }), RangeError, "inputSize must be a positive integer, got 0"],
  [from({ targets: [[1]] }), RangeError, "inputs and targets must have as many rows, got 2 and 1"],
  [from({ targets: [] }), RangeError, "targets must have at least one row, got none"],
  [
    from({ targets: [[1], [Number.POSITIVE_INFINITY]] }),
    RangeError,
    /^targets\[1\]\[0\] must be finite in float32, got Infinity$/,
  ],
  [from({ targets: ["a", "b"] }), RangeError, "targets that are class names need classes, the list of the names"],
  [from({ targets: [0, 3], classes: 3 }), RangeError, /^targets\[1\] must be a class index from 0 to 2, got 3$/],
  [from({ targets: [0, -1], classes: 3 }), RangeError, /^targets\[1\] must be a class index from 0 to 2, got -1$/],
  [from({ targets: [0, 1.5], classes: 3 }), RangeError, /^targets\[1\] must be a class index from 0 to 2, got 1.5$/],
  [
    from({ targets: ["a", "d"], classes: ["a", "b"] }),
    RangeError,
    /^targets\[1\] must be one of the classes a, b, got "d"$/,
  ],
  [from({ targets: [true, false], classes: 2 }), TypeError, /^targets\[0\] must be a class index or name, got true$/],
  [from({ classes: 1 }), RangeError, "classes must be an integer from 2 to 16777216, got 1"],
  [from({ classes: ["a", "a"] }), RangeError, /^classes\[1\] must differ from the names before it, got "a"$/],
  [from({ classes: {} }), TypeError, "classes must be a number of classes or an array of their names, got an object"],
  [
    from({ classes: 3, outputSize: 2, targets: [1, 2] }),
    RangeError,
    "outputSize must be 3, the number of classes, got 2",
  ],
  [from({ scale: Number.NaN }), RangeError, "scale must be a finite number, got NaN"],
]);

const data = Dataset.from({
  inputs: [
    [1, 2, 3],
    [4, 5, 6],
  ],
  targets: [
    [1, 0],
    [0, 1],
  ],
});

refuses("a dataset's methods", [
  [() => data.sample(2), RangeError, "i must be an integer from 0 to 1, got 2"],
  [() => data.take(0), RangeError, "count must be a positive integer, got 0"],
  [() => data.skip(2), RangeError, "count must be an integer from 0 to 1, got 2"],
  [() => data.shuffle(-1), RangeError, "seed must be an integer of at least 0, got -1"],
  [() => [...data.batches(0)], RangeError, "size must be a positive integer, got 0"],
  [() => data.split(1), RangeError, "fraction must be a finite number above 0 and below 1, got 1"],
  [() => data.split(0.1), RangeError, "fraction 0.1 of 2 rows leaves one part empty"],
  [
    () => data.split(0.5, { stratify: true } as never),
    RangeError,
    'split has no option "stratify"; its options are seed, stratified, shuffle',
  ],
  [() => datasets.xor().concat(data), RangeError, "other's inputSize must be 2 as here, got 3"],
  [() => data.concat([] as never), TypeError, "other must be a Dataset, got an array of length 0"],
  [
    () => Dataset.from({ inputs: [[1], [2]], targets: [1, 2] }).split(0.5, { stratified: true }),
    RangeError,
    "stratified needs a dataset with classes",
  ],
  [() => datasets.moons({ samples: 1 }), RangeError, "moons.samples must be an integer from 2 to 16777216, got 1"],
  [() => datasets.circles({ noise: -1 }), RangeError, "circles.noise must be a finite number of at least 0, got -1"],
  [() => datasets.spirals({ turns: 0 }), RangeError, "spirals.turns must be a finite number above 0, got 0"],
  [
    () => datasets.idx({ inputs: 3 as never, targets: new Uint8Array(0) }),
    TypeError,
    "inputs must be a path, URL, Blob, Response, stream, ArrayBuffer or Uint8Array, got 3",
  ],
]);

const trainerOf = (options: unknown) => () => new Trainer(network, options as TrainerOptions);
const optimizer = (options: unknown) => trainerOf({ optimizer: options });

refuses("new Trainer", [
  [() => new Trainer({} as never), TypeError, "network must be a Network, got an object"],
  [
    trainerOf({ los: "huber" }),
    RangeError,
    'Trainer has no option "los"; its options are loss, labelSmoothing, classWeights, optimizer, schedule, batchSize',
  ],
  [trainerOf({ loss: "mse" }), RangeError, /^loss must be one of meanSquaredError, quadratic, .*, got "mse"$/],
  [trainerOf({ loss: { kind: "huber", delta: 0 } }), RangeError, "loss.delta must be a finite number above 0, got 0"],
  [trainerOf({ loss: { kind: "huber", gamma: 1 } }), RangeError, /^loss "huber" has no option "gamma"/],
  [
    trainerOf({ labelSmoothing: 1 }),
    RangeError,
    /^labelSmoothing must be a finite number of at least 0 and below 1, got 1/,
  ],
  [
    trainerOf({ loss: "huber", labelSmoothing: 0.1 }),
    RangeError,
    /^labelSmoothing needs a loss of classes' probabilities/,
  ],
  [trainerOf({ classWeights: [1] }), RangeError, /^classWeights must have a number for each of the \d classes, got 1/],
  [
    trainerOf({ classWeights: "even" }),
    RangeError,
    'classWeights must be "balanced" or an array of numbers, got "even"',
  ],
  [trainerOf({ batchSize: 0 }), RangeError, "batchSize must be an integer from 1 to 16777216, got 0"],
  [optimizer("adam"), TypeError, 'optimizer must be an object such as { kind: "adam" }, got "adam"'],
  [
    optimizer({}),
    TypeError,
    "optimizer.kind must be one of sgd, adam, adamW, nadam, adamax, rmsProp, adagrad, adadelta, lion, rProp, lbfgs, got undefined",
  ],
  [
    optimizer({ kind: "adm" }),
    RangeError,
    'optimizer.kind must be one of sgd, adam, adamW, nadam, adamax, rmsProp, adagrad, adadelta, lion, rProp, lbfgs, got "adm"',
  ],
  [
    optimizer({ kind: "adam", momentum: 0.9 }),
    RangeError,
    'optimizer "adam" has no option "momentum"; its options are kind, learningRate, weightDecay, beta1, beta2, epsilon, amsgrad, clipValue, clipNorm',
  ],
  [
    optimizer({ kind: "sgd", learningRate: 0 }),
    RangeError,
    "optimizer.learningRate must be a finite number above 0, got 0",
  ],
  [
    optimizer({ kind: "sgd", learningRate: "1" }),
    TypeError,
    'optimizer.learningRate must be a finite number above 0, got "1"',
  ],
  [
    optimizer({ kind: "sgd", momentum: 1 }),
    RangeError,
    "optimizer.momentum must be a finite number of at least 0 and below 1, got 1",
  ],
  [
    optimizer({ kind: "sgd", nesterov: 1, momentum: 0.5 }),
    TypeError,
    "optimizer.nesterov must be true or false, got 1",
  ],
  [
    optimizer({ kind: "sgd", nesterov: true }),
    RangeError,
    "optimizer.nesterov needs optimizer.momentum above 0, got 0",
  ],
  [
    optimizer({ kind: "adam", beta2: 1 }),
    RangeError,
    "optimizer.beta2 must be a finite number of at least 0 and below 1, got 1",
  ],
  [optimizer({ kind: "adam", epsilon: 0 }), RangeError, "optimizer.epsilon must be a finite number above 0, got 0"],
  [
    optimizer({ kind: "sgd", weightDecay: -1 }),
    RangeError,
    "optimizer.weightDecay must be a finite number of at least 0, got -1",
  ],
]);

it("crossEntropy needs two outputs", async () => {
  const single = await create({ layers: [{ units: 1, activation: "sigmoid" }] });
  await expectError(
    () => new Trainer(single, { loss: "crossEntropy" }),
    RangeError,
    'loss "crossEntropy" needs at least 2 outputs, got 1; for one use "binaryCrossEntropy"',
  );
});

const trainer = new Trainer(network, { loss: "binaryCrossEntropy" });
const unchanged = (call: () => unknown) => async () => {
  const before = small();
  try {
    await call();
  } finally {
    expect(small()).toEqual(before);
  }
};

refuses("trainer.step, gradients and trace, which change nothing then", [
  [unchanged(() => trainer.step([1, 2], [1, 0])), RangeError, "inputs must hold rows of 3 numbers, got 2 numbers"],
  [
    unchanged(() =>
      trainer.step(
        [[1, 2, 3]],
        [
          [1, 0],
          [0, 1],
        ],
      ),
    ),
    RangeError,
    "inputs and targets must have as many rows, got 1 and 2",
  ],
  [unchanged(() => trainer.step([1, 2, 3], [2])), RangeError, /^targets\[0\] must be an integer from 0 to 1, got 2$/],
  [
    unchanged(() => trainer.step([1, 2, 3], [1, Number.NaN])),
    RangeError,
    /^targets\[1\] must be finite in float32, got NaN$/,
  ],
  [
    unchanged(() => trainer.step([1, 2, 3], [1, 1.5])),
    RangeError,
    'targets must be from 0 to 1 for loss "binaryCrossEntropy", got 1.5',
  ],
  [
    unchanged(() => trainer.step([1, Number.NaN, 3], [1, 0])),
    RangeError,
    /^inputs\[1\] must be finite in float32, got NaN$/,
  ],
  [unchanged(() => trainer.gradients([], [])), RangeError, "inputs must hold rows of 3 numbers, got 0 numbers"],
  [unchanged(() => trainer.trace([1, 2], [1, 0])), RangeError, "sample must have 3 numbers, got 2"],
  [unchanged(() => trainer.trace([1, 2, 3], [1])), RangeError, "target must have 2 numbers, got 1"],
  [
    () => {
      trainer.learningRate = -1;
    },
    RangeError,
    "learningRate must be a finite number above 0, got -1",
  ],
]);

const fitting = (dataset: unknown, options?: object) =>
  unchanged(() => trainer.fit(dataset as never, { epochs: 1, ...options }));

refuses("trainer.fit and evaluate, which change nothing then", [
  [
    unchanged(() => trainer.fit(data, undefined as never)),
    TypeError,
    "epochs must be a positive integer, got undefined",
  ],
  [fitting([]), TypeError, "dataset must be a Dataset, got an array of length 0"],
  [fitting(data, { epochs: 0 }), RangeError, "epochs must be a positive integer, got 0"],
  [fitting(data, { resume: 1 }), TypeError, "resume must be true or false, got 1"],
  [
    fitting(data, { resume: true }),
    Error,
    "there is no fit to resume: this trainer had none, or the network was changed otherwise since",
  ],
  [fitting(data, { onBatch: {} }), TypeError, "onBatch must be a function, got an object"],
  [fitting(data, { onTrainEnd: "end" }), TypeError, 'onTrainEnd must be a function, got "end"'],
  [fitting(data, { earlyStopping: 3 }), TypeError, "the options of earlyStopping must be a plain object, got 3"],
  [
    fitting(data, { earlyStopping: { patence: 3 } }),
    RangeError,
    'earlyStopping has no option "patence"; its options are metric, higherIsBetter, patience, minimumChange, restoreBest, startEpoch',
  ],
  [
    fitting(data, { earlyStopping: { patience: 0 } }),
    RangeError,
    "earlyStopping.patience must be a positive integer, got 0",
  ],
  [
    fitting(data, { earlyStopping: { minimumChange: -1 } }),
    RangeError,
    "earlyStopping.minimumChange must be a finite number of at least 0, got -1",
  ],
  [
    fitting(data, { earlyStopping: { startEpoch: 0 } }),
    RangeError,
    "earlyStopping.startEpoch must be a positive integer, got 0",
  ],
  [
    fitting(data, { earlyStopping: { restoreBest: "yes" } }),
    TypeError,
    'earlyStopping.restoreBest must be true or false, got "yes"',
  ],
  [
    fitting(data, { earlyStopping: { metric: "validationLoss" } }),
    RangeError,
    /^earlyStopping\.metric must be .*loss.*, got "validationLoss"$/,
  ],
  [
    fitting(data, { validation: data, metrics: { odd: () => 1 }, earlyStopping: { metric: "seconds" } }),
    RangeError,
    /^earlyStopping\.metric must be one of loss, .*validationLoss, .*validationOdd, got "seconds"$/,
  ],
  [
    fitting(data, { validation: data, metrics: { odd: () => 1 }, earlyStopping: { metric: "validationOdd" } }),
    TypeError,
    "earlyStopping.higherIsBetter, for the metric validationOdd, must be true or false, got undefined",
  ],
  [
    fitting(data, { validation: data, metrics: ["f1"] }),
    TypeError,
    "metrics must be an object of functions, as { f1: metrics.f1 }, got an array of length 1",
  ],
  [fitting(data, { validation: data, metrics: { f1: "f1" } }), TypeError, 'metrics.f1 must be a function, got "f1"'],
  [
    fitting(data, { validation: data, metrics: { loss: () => 1 } }),
    RangeError,
    "metrics.loss needs another name: there is a validationLoss already",
  ],
  [
    fitting(data, { validation: data, metrics: { one: () => 1, One: () => 1 } }),
    RangeError,
    "metrics.One needs another name: there is a validationOne already",
  ],
  [
    fitting(data, { metrics: { one: () => 1 } }),
    RangeError,
    "metrics are measured on validation, which must be given with them",
  ],
  [
    unchanged(() => trainer.evaluate(data, { metrics: { one: 1 } } as never)),
    TypeError,
    "metrics.one must be a function, got 1",
  ],
  [
    fitting(data, { epoch: 3 }),
    RangeError,
    'fit has no option "epoch"; its options are epochs, validation, metrics, shuffle, earlyStopping, resume, signal, onBatch, onEpoch, onTrainEnd, threads',
  ],
  [fitting(data, { validation: {} }), TypeError, "validation must be a Dataset, got an object"],
  [
    fitting(data, { validation: datasets.xor() }),
    RangeError,
    "validation.inputSize must be 3, the network's inputs, got 2",
  ],
  [fitting(data, { signal: {} }), TypeError, "signal must be an AbortSignal, got an object"],
  [fitting(data, { onEpoch: 1 }), TypeError, "onEpoch must be a function, got 1"],
  [fitting(data, { shuffle: "no" }), TypeError, 'shuffle must be true or false, got "no"'],
  [
    fitting(data, { threads: "many" }),
    RangeError,
    'threads must be "auto", "worker" or a number of threads, got "many"',
  ],
  [fitting(data, { threads: 0 }), RangeError, "threads must be an integer from 1 to 256, got 0"],
  [fitting(datasets.xor()), RangeError, "dataset.inputSize must be 3, the network's inputs, got 2"],
  [
    fitting(Dataset.from({ inputs: [[1, 2, 3]], targets: [[1, 2, 3]] })),
    RangeError,
    "dataset.outputSize must be 2, the network's outputs, got 3",
  ],
  [
    fitting(Dataset.from({ inputs: [[1, 2, 3]], targets: [[1, 2]] })),
    RangeError,
    'dataset\'s targets must be from 0 to 1 for loss "binaryCrossEntropy", got 2',
  ],
  [
    unchanged(() => trainer.evaluate(datasets.xor())),
    RangeError,
    "dataset.inputSize must be 3, the network's inputs, got 2",
  ],
]);

describe("sizes that don't fit", () => {
  it("say what probably was meant", async () => {
    const two = await create({ inputs: 2, layers: [{ units: 1, activation: "sigmoid" }] });
    await expectError(
      () => new Trainer(two).fit(datasets.moons(), { epochs: 1 }),
      RangeError,
      "dataset.outputSize must be 1, the network's outputs (for two classes in one output, make the dataset with outputSize: 1), got 2",
    );
    const fitted = await new Trainer(two).fit(datasets.moons({ outputSize: 1 }), { epochs: 1 });
    expect(fitted.history[0]?.accuracy).toBeTypeOf("number");
  });
});

describe("while a fit runs", () => {
  it("nothing else may change the network, and looking is allowed", async () => {
    const busy = await create({ seed: 2 });
    const first = new Trainer(busy);
    const second = new Trainer(busy);
    const controller = new AbortController();
    const running = first.fit(data, { epochs: 1e6, signal: controller.signal });
    await new Promise((resolve) => setTimeout(resolve, 5));
    const message = (call: string) =>
      `${call} can't be called while a fit trains this network; abort that first, or wait for it to end`;
    await expectError(() => first.fit(data, { epochs: 1 }), Error, message("fit"));
    await expectError(() => second.fit(data, { epochs: 1 }), Error, message("fit"));
    await expectError(() => second.step([1, 2, 3], [1, 0]), Error, message("step"));
    await expectError(() => busy.setParameters(busy.parameters()), Error, message("setParameters"));
    await expectError(() => busy.dispose(), Error, message("dispose"));
    await expectError(() => first.dispose(), Error, message("dispose"));
    expect(busy.predict([1, 2, 3])).toHaveLength(2);
    expect(first.gradients([1, 2, 3], [1, 0]).vector).toHaveLength(8);
    expect((await second.evaluate(data)).accuracy).toBeTypeOf("number");
    controller.abort();
    expect((await running).status).toBe("aborted");
    busy.setParameters(busy.parameters());
  });

  it("and an evaluation keeps the network from being disposed of", async () => {
    const busy = await create({ seed: 2 });
    const evaluating = new Trainer(busy).evaluate(data);
    await expectError(
      () => busy.dispose(),
      Error,
      "dispose can't be called while an evaluation or prediction of this network runs; wait for it to end",
    );
    await evaluating;
    busy.dispose();
  });
});

describe("after dispose", () => {
  it("every use says so", async () => {
    const gone = await create({ seed: 3 });
    const its = new Trainer(gone);
    gone.dispose();
    const calls = [
      () => gone.predict([1, 2, 3]),
      () => gone.trace([1, 2, 3]),
      () => gone.parameters(),
      () => gone.setParameters([]),
      () => new Trainer(gone),
      () => its.step([1, 2, 3], [1, 0]),
      () => its.gradients([1, 2, 3], [1, 0]),
      () => its.trace([1, 2, 3], [1, 0]),
      () => its.fit(data, { epochs: 1 }),
      () => its.evaluate(data),
      () => its.checkpoint(),
      () => its.learningRate,
    ];
    for (const call of calls) await expectError(call, Error, "this network was disposed and can't be used any more");
  });

  it("a trainer of its own is gone, the network lives", async () => {
    const lives = await create({ seed: 3 });
    const gone = new Trainer(lives);
    gone.dispose();
    gone.dispose();
    await expectError(
      () => gone.step([1, 2, 3], [1, 0]),
      Error,
      "this trainer was disposed and can't be used any more",
    );
    expect(lives.predict([1, 2, 3])).toHaveLength(2);
    expect(new Trainer(lives).step([1, 2, 3], [1, 0])).toBeGreaterThan(0);
  });

  it("works by `using` too", async () => {
    const lives = await create({ seed: 3 });
    lives[Symbol.dispose]();
    await expectError(() => lives.parameters(), Error, "this network was disposed");
  });
});
