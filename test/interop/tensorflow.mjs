// TensorFlow.js on models of ours, and models of its own as it saves them.

import * as tf from "@tensorflow/tfjs";

await tf.setBackend("cpu");

const ADDRESS = "http://models.test/";

/** tf.loadLayersModel over its own HTTP handler, which finds the files here. */
export function load(files) {
  const fetchFunc = async (url) => {
    const name = new URL(url).pathname.slice(1);
    const type = name.endsWith(".json") ? "application/json" : "application/octet-stream";
    return new Response(files.get(name), { headers: { "content-type": type }, status: files.has(name) ? 200 : 404 });
  };
  return tf.loadLayersModel(tf.io.http(ADDRESS + [...files.keys()][0], { fetchFunc }));
}

/** What a model answers to rows of inputs. */
export function predict(model, inputs, shape = [inputs[0].length]) {
  return tf.tidy(() => model.predict(tf.tensor(inputs.flat(), [inputs.length, ...shape])).arraySync());
}

export async function answers(files, inputs, shape) {
  return predict(await load(files), inputs, shape);
}

/** A model of ours, trained further by TensorFlow.js: the files that it saves then, and what it answers. */
export async function trainedFurther(files, inputs, targets) {
  const model = await load(files);
  model.compile({ optimizer: tf.train.sgd(0.01), loss: "meanSquaredError" });
  await model.fit(tf.tensor(inputs), tf.tensor(targets), { epochs: 2, verbose: 0 });
  return { files: await save(model), outputs: predict(model, inputs) };
}

/** As its handler for downloads writes them, but in shards. */
async function save(model, { shards = 1, change = (artifacts) => artifacts } = {}) {
  let artifacts;
  const result = { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: "JSON" } };
  await model.save(
    tf.io.withSaveHandler(async (given) => {
      artifacts = given;
      return result;
    }),
  );
  const { weightData, weightSpecs, ...rest } = change(artifacts);
  const bytes = new Uint8Array(weightData);
  const size = Math.ceil(bytes.length / shards);
  const parts = Array.from({ length: shards }, (_, i) => bytes.slice(i * size, (i + 1) * size));
  const paths = parts.map((_, i) => (shards === 1 ? "./model.weights.bin" : `group1-shard${i + 1}of${shards}.bin`));
  const json = JSON.stringify({ ...rest, weightsManifest: [{ paths, weights: weightSpecs }] });
  return new Map([
    ["model.json", new TextEncoder().encode(json)],
    ...parts.map((part, i) => [paths[i].replace("./", ""), part]),
  ]);
}

const { layers } = tf;

/** Numbers that no initializer gives, so that none is mistaken for its default. */
function shuffleWeights(model) {
  const values = model.getWeights().map((weight, i) => {
    const numbers = Float32Array.from({ length: weight.size }, (_, k) => Math.sin(k * 1.7 + i * 2.3 + 1) * 0.8);
    // variances aren't negative
    return tf.tensor(
      model.weights[i].name.includes("variance") ? numbers.map((x) => x * x + 0.1) : numbers,
      weight.shape,
    );
  });
  model.setWeights(values);
  return model;
}

const sequential = (...list) => shuffleWeights(tf.sequential({ layers: list }));
const dense = (units, activation, options) => layers.dense({ units, activation, ...options });

const activations = ["sigmoid", "tanh", "relu", "elu", "selu", "swish", "mish", "softplus", "softsign", "relu6"];

/** Weights as the quantising converter stores them; float16 from what float16 holds exactly. */
function quantised(dtype) {
  return (artifacts) => {
    const all = new Float32Array(artifacts.weightData);
    const parts = [];
    let at = 0;
    const weightSpecs = artifacts.weightSpecs.map((spec) => {
      const count = spec.shape.reduce((product, side) => product * side, 1);
      const values = all.subarray(at, at + count);
      at += count;
      const min = Math.min(...values);
      const scale = (Math.max(...values) - min) / (dtype === "uint8" ? 255 : 65535) || 1;
      if (dtype === "float16") parts.push(new Uint8Array(Uint16Array.from(values, halfBits).buffer));
      else {
        const integers = dtype === "uint8" ? Uint8Array : Uint16Array;
        parts.push(new Uint8Array(integers.from(values, (x) => Math.round((x - min) / scale)).buffer));
      }
      const quantization = dtype === "float16" ? { dtype } : { dtype, min, scale, original_dtype: "float32" };
      return { ...spec, quantization };
    });
    return { ...artifacts, weightSpecs, weightData: new Uint8Array(parts.flatMap((part) => [...part])).buffer };
  };
}

/** A normal number's float16, cut off. */
function halfBits(x) {
  const bits = new Uint32Array(Float32Array.of(x).buffer)[0];
  return ((bits >> 16) & 0x8000) | ((((bits >> 23) & 255) - 112) << 10) | ((bits >> 13) & 1023);
}

/** The topology as Keras' converter has it. */
const converted = (artifacts) => {
  const { class_name, config } = artifacts.modelTopology;
  const model_config = { class_name: class_name === "Model" ? "Functional" : class_name, config };
  return { ...artifacts, modelTopology: { keras_version: "2.15.0", backend: "tensorflow", model_config } };
};

function functional() {
  const input = tf.input({ shape: [4] });
  let x = dense(5, "relu").apply(input);
  x = layers.batchNormalization().apply(x);
  x = layers.dropout({ rate: 0.25 }).apply(x);
  return shuffleWeights(tf.model({ inputs: input, outputs: dense(2, "softmax").apply(x) }));
}

const first = { inputShape: [4] };

/** By name: a model, how it is saved, and the shape of a sample where that isn't [4]. */
const made = {
  ...Object.fromEntries(
    activations.map((activation) => [activation, () => ({ model: sequential(dense(3, activation, first), dense(2)) })]),
  ),
  "softmax, useBias false": () => ({ model: sequential(dense(3, "softmax", { ...first, useBias: false })) }),
  "hardSigmoid as a layer's": () => ({ model: sequential(dense(3, "hardSigmoid", first), dense(2)) }),
  "hardSigmoid as a layer, batch normalization": () => ({
    model: sequential(
      dense(3, "linear", first),
      layers.batchNormalization(),
      layers.activation({ activation: "hardSigmoid" }),
    ),
  }),
  "gelu_new, which it can't load itself": () => ({ model: sequential(dense(3, "gelu_new", first)) }),
  "layers of activations": () => ({
    model: sequential(
      layers.inputLayer(first),
      ...[dense(5), layers.leakyReLU({ alpha: 0.01 }), dense(5), layers.reLU({ maxValue: 6 }), dense(5), layers.elu()],
      ...[dense(5), layers.reLU(), layers.dropout({ rate: 0.5 }), dense(3), layers.softmax()],
    ),
  }),
  "batch normalization everywhere": () => ({
    model: sequential(
      layers.batchNormalization(first),
      ...[
        dense(5),
        layers.batchNormalization({ epsilon: 0.01, momentum: 0.9 }),
        layers.activation({ activation: "relu" }),
      ],
      ...[layers.batchNormalization({ scale: false, center: false }), dense(2), layers.batchNormalization()],
    ),
  }),
  "layer normalization": () => ({
    model: sequential(
      dense(5, "linear", { ...first, useBias: false }),
      layers.layerNormalization({ epsilon: 0.01 }),
      ...[layers.activation({ activation: "tanh" }), layers.gaussianNoise({ stddev: 0.1 }), dense(2)],
    ),
  }),
  "flattened, rescaled": () => ({
    model: sequential(
      ...[layers.flatten({ inputShape: [2, 2, 1] }), layers.rescaling({ scale: 0.5, offset: -1 })],
      ...[dense(3, "relu"), layers.rescaling({ scale: -3, offset: 0.5 }), dense(2, "sigmoid")],
    ),
    shape: [2, 2, 1],
  }),
  "rescaled twice, flattened": () => ({
    model: sequential(
      ...[layers.rescaling({ inputShape: [2, 2], scale: 2, offset: 1 }), layers.rescaling({ scale: 0.25, offset: 3 })],
      ...[layers.flatten(), dense(2, "tanh")],
    ),
    shape: [2, 2],
  }),
  "penalties, three shards": () => ({
    model: sequential(
      dense(6, "relu", { ...first, kernelRegularizer: tf.regularizers.l1l2({ l1: 0.25, l2: 0.5 }) }),
      dense(2),
    ),
    saving: { shards: 3 },
  }),
  functional: () => ({ model: functional() }),
  "functional, as converted from Keras": () => ({ model: functional(), saving: { change: converted } }),
  "sequential, as converted from Keras": () => ({
    model: sequential(dense(3, "hardSigmoid", first), dense(2)),
    saving: { change: converted },
  }),
  ...Object.fromEntries(
    ["uint8", "uint16", "float16"].map((dtype) => [
      `quantised to ${dtype}`,
      () => ({
        model: sequential(dense(3, "tanh", first), dense(2)),
        saving: { change: quantised(dtype) },
        again: true,
      }),
    ]),
  ),
};

export const names = Object.keys(made);

/** Models that it made, as it saves them, with what it answers to some inputs. */
export async function saved(name) {
  const { model, saving, shape, again } = made[name]();
  const files = await save(model, saving);
  const inputs = Array.from({ length: 5 }, (_, i) => Array.from({ length: 4 }, (_, k) => Math.cos(i * 4 + k) * 2));
  // quantised numbers are others than the model's
  const outputs = again ? await answers(files, inputs, shape) : predict(model, inputs, shape);
  return { files, inputs, outputs };
}

/** Of layers that networks here don't have. */
export async function convolutional() {
  const model = tf.sequential({ layers: [dense(4, "relu", first), layers.reshape({ targetShape: [2, 2, 1] })] });
  model.add(layers.conv2d({ filters: 1, kernelSize: 2 }));
  return await save(model);
}
