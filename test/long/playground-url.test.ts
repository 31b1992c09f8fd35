// The playground's settings in its URL: whatever they are, they come back; whatever the URL is, it can be used.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { presets } from "../../playground/src/model/presets.js";
import {
  type Bounds,
  bounds,
  choices,
  defaults,
  MOST_LAYERS,
  type Settings,
} from "../../playground/src/model/settings.js";
import { encodeSettings, parseSettings } from "../../playground/src/model/url.js";

const number = ({ least, most, whole = false }: Bounds) =>
  whole ? fc.integer({ min: least, max: most }) : fc.double({ min: least, max: most, noNaN: true });
const layer = fc.record({
  units: number(bounds.layer.units),
  activation: fc.constantFrom(...choices.activation),
  dropout: number(bounds.layer.dropout),
});

const settings: fc.Arbitrary<Settings> = fc.record({
  data: fc.record({
    kind: fc.constantFrom(...choices.kind),
    samples: number(bounds.data.samples),
    noise: number(bounds.data.noise),
    split: number(bounds.data.split),
    normalise: fc.constantFrom(...choices.normalise),
    seed: number(bounds.data.seed),
  }),
  network: fc.record({
    layers: fc.array(layer, { maxLength: MOST_LAYERS }),
    output: fc.constantFrom(...choices.output),
    initializer: fc.constantFrom(...choices.initializer),
  }),
  trainer: fc.record({
    loss: fc.constantFrom(...choices.loss),
    optimizer: fc.constantFrom(...choices.optimizer),
    learningRate: number(bounds.trainer.learningRate),
    momentum: number(bounds.trainer.momentum),
    batchSize: number(bounds.trainer.batchSize),
    l2: number(bounds.trainer.l2),
  }),
  seed: number(bounds.seed),
});

/** What a URL has behind "#" once a browser has made it one. */
const throughUrl = (hash: string) => new URL(`http://127.0.0.1/#${hash}`).hash;
// −0 and 0 are the same setting
const plain = (value: unknown) => JSON.parse(JSON.stringify(value));

describe("the examples", () => {
  it.each(presets.map(({ name, hash }) => [name, hash]))("%s: is a link as it would be shared", (_, hash) => {
    const { settings: read, notices } = parseSettings(hash);
    expect(notices).toEqual([]);
    expect(encodeSettings(read)).toBe(hash);
  });
});

describe("settings in the URL", () => {
  it("come back from it", () => {
    fc.assert(
      fc.property(settings, (some) => {
        expect(parseSettings(throughUrl(encodeSettings(some)))).toEqual({ settings: plain(some), notices: [] });
      }),
    );
  });

  it("are told only where they differ from the defaults, to be read", () => {
    expect(encodeSettings(defaults)).toBe("");
    const some: Settings = structuredClone(defaults);
    some.data.kind = "spirals";
    some.network.layers = [
      { units: 8, activation: "tanh", dropout: 0 },
      { units: 4, activation: "relu", dropout: 0 },
      { units: 2, activation: "tanh", dropout: 0.2 },
    ];
    some.trainer.learningRate = 0.03;
    expect(encodeSettings(some)).toBe("data=spirals&layers=8,4-relu,2-tanh-0.2&rate=0.03");
    expect(encodeSettings({ ...defaults, network: { ...defaults.network, layers: [] } })).toBe("layers=none");
  });

  it.each([
    ["rate=-1", "The link's rate should be a number from 0.000001 to 1000, not “-1”; its usual value is taken."],
    ["rate=", /rate should be a number/],
    ["seed=1.5", /seed should be an integer from 0 to 4294967295, not “1.5”/],
    ["data=mars", /data should be one of .*spirals.* not “mars”/],
    ["layers=8,,8", /layers should be an integer from 1 to 64/],
    ["layers=8-sine", /layers should be one of tanh/],
    ["layers=1,1,1,1,1,1,1", /layers should be at most 6 layers/],
    ["layers=1e9", /layers should be an integer/],
    ["colour=red", /“colour”, which isn't known/],
    ["__proto__=1", /“__proto__”/],
    [`noise=%${"9".repeat(5000)}`, /not “%9{39}…”/],
  ])("%s keeps the default, and is told", (hash, notice) => {
    const { settings: read, notices } = parseSettings(`#${hash}&batch=7`);
    expect(read).toEqual({ ...defaults, trainer: { ...defaults.trainer, batchSize: 7 } });
    expect(notices).toEqual([typeof notice === "string" ? notice : expect.stringMatching(notice)]);
  });

  it("are usable whatever the URL is", () => {
    const keys = ["data", "layers", "rate", "seed", "batch", "split", "noise", "momentum"];
    const hash = fc.oneof(
      fc.string({ unit: "binary" }),
      fc
        .array(fc.tuple(fc.constantFrom(...keys), fc.string()))
        .map((pairs) => pairs.map((pair) => pair.join("=")).join("&")),
    );
    fc.assert(
      fc.property(hash, (text) => {
        const { settings: read } = parseSettings(text);
        // only what can be used is written, so it is read again without a notice
        expect(parseSettings(encodeSettings(read))).toEqual({ settings: plain(read), notices: [] });
      }),
    );
  });
});
