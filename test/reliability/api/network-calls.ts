// Calls on networks.

import fc from "fast-check";
import { expect } from "vitest";
import { type FormatName, Network, type NetworkOptions, Trainer } from "../../../src/index.js";
import * as argument from "./arguments.js";
import { busy, type Call, gone, onNetwork, read, refusals } from "./call.js";
import { allFinite, mayOverflow, same } from "./world.js";

/** As many networks are alive at most. */
const MOST = 4;

const layer = fc.record(
  {
    units: fc.integer({ min: 1, max: 9 }),
    activation: fc.constantFrom("tanh", "relu", "sigmoid", "gelu", "identity"),
    dropout: fc.constantFrom(0, 0.2),
    normalization: fc.constantFrom("layer"),
    l2: fc.constantFrom(0, 0.01),
  },
  { requiredKeys: ["units", "activation"] },
);

const options = fc.record({
  inputs: fc.constant(argument.INPUTS),
  layers: fc
    .tuple(fc.array(layer, { maxLength: 2 }), fc.constantFrom("softmax", "sigmoid", "identity"))
    .map(([hidden, activation]) => [...hidden, { units: argument.OUTPUTS, activation }]),
  seed: fc.nat(999),
  math: fc.constantFrom("fast", "deterministic"),
});

const wrongOptions: argument.Argument<object>[] = [
  { value: { inputs: 0 }, refusal: /^inputs must be an integer from 1 / },
  { value: { layers: [] }, refusal: /^layers must have at least one layer, got none/ },
  { value: { layers: [{ units: -3 }] }, refusal: /^layers\[0\]\.units must be an integer from 1 / },
  { value: { layers: [{ units: 2, dropout: 1 }] }, refusal: /^layers\[0\]\.dropout must be / },
  { value: { layers: [{ units: 2, activation: "sin" }] }, refusal: /^layers\[0\]\.activation must be one of / },
  {
    value: { layers: [{ units: 2, initializer: { kind: "normal", deviation: Number.NaN } }] },
    refusal: /deviation must/,
  },
  { value: { seed: 0.5 }, refusal: /^seed must be an integer of at least 0, got 0.5/ },
  { value: { math: "exact" }, refusal: /^math must be one of / },
  { value: { normalize: "max" }, refusal: /^normalize must be one of / },
  {
    value: { layers: [{ units: 2 ** 15 }, { units: 2 ** 15 }] },
    refusal: /^out of memory: \d+ MiB more than the \d+ MiB in use/,
  },
  { value: { sed: 1 }, refusal: /^Network\.create has no option "sed"/ },
];

const create = fc.tuple(options, fc.option(fc.constantFrom(...wrongOptions), { freq: 3 })).map(
  ([right, wrong]): Call => ({
    async run(world) {
      const given = { ...right, ...wrong?.value } as NetworkOptions;
      const network = await world.callLater({ must: [wrong?.refusal] }, () => Network.create(given));
      if (network === undefined) return;
      world.forgetOne(MOST - 1);
      const known = world.addNetwork(network);
      world.addTrainer(new Trainer(network), known);
    },
    toString: () => `Network.create ${fc.stringify({ ...right, ...wrong?.value })}`,
  }),
);

const predict = onNetwork("predict", argument.samples, (world, known, given) => {
  const answer = world.call({ must: [gone(known), ...refusals(given)] }, () =>
    known.network.predict(given.value as never),
  );
  if (answer === undefined || mayOverflow(known)) return;
  const numbers = [answer as unknown as Float32Array].flat().flatMap((row) => [...row]);
  if (!allFinite(numbers)) expect.fail(`predict answered ${numbers}`);
});

const out = fc.constantFrom<argument.Argument<Float32Array>>(
  { value: new Float32Array(argument.OUTPUTS) },
  { value: new Float32Array(3), refusal: /^out must have \d+ numbers, got 3/ },
  { value: [0, 0] as never, refusal: /^out must be a Float32Array/ },
);

const predictInto = onNetwork("predictInto", fc.tuple(argument.sample, out), (world, known, [sample, out]) => {
  // an empty row or one of another length is told by the same rule as samples are
  const wrong = sample.refusal && /^samples? |^samples?\[/;
  const before = out.value.slice();
  const answer = world.call({ must: [gone(known), wrong, out.refusal] }, () =>
    known.network.predictInto(sample.value, out.value),
  );
  if (answer === undefined) expect(out.value).toEqual(before);
  else expect(answer).toBe(out.value);
});

const predictAsync = onNetwork(
  "predictAsync",
  fc.record({ samples: argument.samples, threads: argument.threads, aborts: fc.boolean() }),
  async (world, known, { samples, threads, aborts }) => {
    const signal = aborts ? { signal: AbortSignal.abort(new Error("enough")) } : {};
    const must = [gone(known), ...refusals(samples, threads), aborts ? /^enough$/ : undefined];
    known.readers += 1;
    const call = () =>
      known.network.predictAsync(samples.value as never, { threads: threads.value as never, ...signal });
    const answer = await world.callLater({ must }, call);
    known.readers -= 1;
    // a fit may have gone on
    if (answer !== undefined && known.fits === 0) expect(answer).toEqual(known.network.predict(samples.value as never));
  },
);

const trace = onNetwork("trace", argument.sample, (world, known, given) => {
  world.call({ must: [gone(known), ...refusals(given)] }, () => known.network.trace(given.value));
});

const weightsOf = onNetwork("weightsOf", argument.layerIndex, (world, known, given) => {
  const layer = world.call({ must: [gone(known), ...refusals(given)] }, () => known.network.weightsOf(given.value));
  if (layer !== undefined) expect(layer.weights).toEqual(known.network.parameters().subarray(0, layer.weights.length));
});

const setParameters = onNetwork("setParameters", argument.vector, (world, known, given) => {
  const vector = given.value(known.network.parameterCount);
  const must = [gone(known), busy(known, "setParameters"), ...refusals(given)];
  const done = world.call({ must, may: [read(known, "setParameters")], changes: known }, () => {
    known.network.setParameters(vector);
    return true;
  });
  if (!done) return;
  expect(same(known.network.parameters(), Float32Array.from(vector))).toBe(true);
  known.wild = false;
});

const format = fc.constantFrom<argument.Argument<FormatName>>(
  { value: "nablanet" },
  { value: "json" },
  { value: "pickle" as FormatName, refusal: /^format must be one of nablanet, json, / },
  { value: 3 as never, refusal: /^format must be one of nablanet, json, / },
);

const encode = onNetwork("encode", format, async (world, known, given) => {
  const must = [gone(known), ...refusals(given)];
  // numbers that aren't finite are refused by JSON
  const may = known.wild ? [/./] : [];
  const before = known.disposed ? undefined : known.network.parameters();
  const bytes = (await world.callLater({ must, may }, () => known.network.encode(given.value))) as
    | Uint8Array
    | undefined;
  if (bytes === undefined || known.wild) return;
  const copy = await Network.load(bytes);
  expect(same(copy.parameters(), before as Float32Array)).toBe(true);
  copy.dispose();
});

const load = fc.constantFrom("", "{}", "NABLA", '{"format":"nablanet"}', "\u0000".repeat(64)).map(
  (text): Call => ({
    async run(world) {
      await world.callLater({ must: [/./] }, () => Network.load(new TextEncoder().encode(text)));
    },
    toString: () => `Network.load ${JSON.stringify(text)}`,
  }),
);

const dispose = onNetwork("network.dispose", fc.constant(0), (world, known) => {
  const must = known.disposed ? [] : [busy(known, "dispose"), read(known, "dispose")];
  const done = world.call({ must }, () => {
    known.network.dispose();
    known.disposed = true;
    return true;
  });
  if (done) expect(() => known.network.parameters()).toThrow("was disposed");
});

export const networkCalls: fc.WeightedArbitrary<Call>[] = [
  { arbitrary: create, weight: 4 },
  { arbitrary: predict, weight: 8 },
  { arbitrary: predictInto, weight: 4 },
  { arbitrary: predictAsync, weight: 4 },
  { arbitrary: trace, weight: 4 },
  { arbitrary: weightsOf, weight: 3 },
  { arbitrary: setParameters, weight: 5 },
  { arbitrary: encode, weight: 2 },
  { arbitrary: load, weight: 1 },
  { arbitrary: dispose, weight: 1 },
];
