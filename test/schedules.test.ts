// Learning-rate schedules against PyTorch's, whose rates (in float64) are in fixtures/pytorch-schedules.json, and against
// their own laws.

import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, expectTypeOf, it } from "vitest";
import { power } from "../src/exact.js";
import type { ScheduleOptions } from "../src/index.js";
import { nextPlateau, type Plateau, rateAt } from "../src/learning-rate.js";
import { type ResolvedScheduleOf, resolveSchedule } from "../src/schedules.js";

interface Closed {
  options: ScheduleOptions;
  share: number;
  epochs: number[];
  rates: number[];
}

interface PlateauRun {
  options: object;
  values: (number | string)[];
  /** Rate, best, bad epochs and cooldown after each value. */
  states: [rate: number, best: number | null, badEpochs: number, cooldownLeft: number][];
}

const { torch, base, closed, plateaus }: { torch: string; base: number; closed: Closed[]; plateaus: PlateauRun[] } =
  JSON.parse(readFileSync(new URL("fixtures/pytorch-schedules.json", import.meta.url), "utf8"));

const near = (value: number, expected: number) =>
  expect(Math.abs(value - expected), `${value} for ${expected}`).toBeLessThanOrEqual(1e-12 * Math.abs(expected));

const schedule = (options: ScheduleOptions) => resolveSchedule(options, "schedule");
const onPlateau = (options: object = {}) =>
  resolveSchedule({ kind: "reduceOnPlateau", ...options }, "schedule") as ResolvedScheduleOf<"reduceOnPlateau">;

/** The rate of a mini-batch of no length, in a fit of 10 epochs with η = 1. */
const at = (options: ScheduleOptions, epoch: number, share = 0) => rateAt(schedule(options), 1, epoch, 10, share);

describe(`rates, PyTorch ${torch}`, () => {
  // PyTorch's exponential, polynomial, cosine and linear ones multiply their way from step to step: 40 roundings at most
  for (const { options, share, epochs, rates } of closed) {
    it(`${JSON.stringify(options)}, ${1 / share} mini-batches an epoch`, () => {
      expect(rates).toHaveLength(epochs.length);
      epochs.forEach((epoch, i) => {
        near(rateAt(schedule(options), base, epoch, 1000, share), rates[i] as number);
      });
    });
  }

  for (const { options, values, states } of plateaus) {
    it(`reduceOnPlateau ${JSON.stringify(options)}, ${values.length} values from ${values[0]}`, () => {
      const resolved = onPlateau(options);
      let state: Plateau | undefined;
      states.forEach(([rate, best, badEpochs, cooldownLeft], i) => {
        state = nextPlateau(resolved, state && JSON.parse(JSON.stringify(state)), Number(values[i]));
        expect([state.best, state.badEpochs, state.cooldownLeft]).toEqual([best, badEpochs, cooldownLeft]);
        near(rateAt(resolved, base, i, 1000, 0.1, state), rate);
      });
    });
  }

  it("the plateaus differ in when they fall", () => {
    expect(new Set(plateaus.map(({ states }) => states.findIndex(([rate]) => rate < base))).size).toBeGreaterThan(4);
  });
});

describe("what PyTorch hasn't", () => {
  it("inverseTime divides by 1 + decay·e", () => {
    expect(at({ kind: "inverseTime", decay: 0.5 }, 0)).toBe(1);
    expect(at({ kind: "inverseTime", decay: 0.5 }, 6)).toBe(0.25);
  });

  it("polynomial ends at `end`", () => {
    expect(at({ kind: "polynomial", power: 2, end: 0.2 }, 5)).toBeCloseTo(0.2 + 0.8 * 0.25, 15);
    expect(at({ kind: "polynomial", power: 2, end: 0.2 }, 10)).toBe(0.2);
  });

  it("exponential falls within an epoch", () => {
    near(at({ kind: "exponential", factor: 0.5 }, 2.5), 0.25 * Math.SQRT1_2);
  });

  it("a plateau of negative values counts from |best|: no improvement is none", () => {
    const falls = (options: object, values: number[]) =>
      values.reduce<Plateau | undefined>((state, value) => nextPlateau(onPlateau(options), state, value), undefined);
    expect(falls({ threshold: 0.1 }, [-1, -1, -1.05])).toMatchObject({ best: -1, badEpochs: 2 });
    expect(falls({ threshold: 0.1 }, [-1, -1, -1.2])).toMatchObject({ best: -1.2, badEpochs: 0 });
    expect(falls({ threshold: 0.1, metric: "r2" }, [-1, -1, -0.95])).toMatchObject({ best: -1, badEpochs: 2 });
    expect(falls({ threshold: 0.1, metric: "r2" }, [-1, -1, -0.8])).toMatchObject({ best: -0.8, badEpochs: 0 });
  });

  it("an infinite value is never the best, whichever way", () => {
    expect(nextPlateau(onPlateau(), undefined, Number.NEGATIVE_INFINITY)).toMatchObject({ best: null, badEpochs: 1 });
    const before = { factor: 1, best: 1, badEpochs: 0, cooldownLeft: 0 };
    expect(nextPlateau(onPlateau(), before, Number.NEGATIVE_INFINITY)).toMatchObject({ best: 1, badEpochs: 1 });
  });

  it("a plateau's rate is η before the first value, at least `least`, and never above η", () => {
    const resolved = onPlateau({ least: 0.01 });
    const fallen = (factor: number): Plateau => ({ factor, best: 1, badEpochs: 0, cooldownLeft: 0 });
    expect(rateAt(resolved, 1, 3, 10, 0.1)).toBe(1);
    expect(rateAt(resolved, 1, 3, 10, 0.1, fallen(0.1))).toBe(0.1);
    expect(rateAt(resolved, 1, 3, 10, 0.1, fallen(0.001))).toBe(0.01);
    expect(rateAt(resolved, 0.004, 3, 10, 0.1, fallen(1))).toBe(0.004);
  });

  it("nextPlateau leaves the state it is given", () => {
    const before = Object.freeze({ factor: 1, best: 1, badEpochs: 0, cooldownLeft: 0 });
    expect(nextPlateau(onPlateau({ patience: 0 }), before, 2)).toEqual({ ...before, factor: 0.1 });
  });
});

describe("lengths and boundaries", () => {
  const falling = [
    [{ kind: "polynomial" }, 0],
    [{ kind: "polynomial", end: 0.1, power: 0.3 }, 0.1],
    [{ kind: "cosine" }, 0],
    [{ kind: "cosine", end: 0.3 }, 0.3],
    [{ kind: "oneCycle" }, 1 / 25 / 1e4],
  ] as const satisfies [ScheduleOptions, number][];

  it("the length is the fit's, less the warm-up; past the end the rate stays", () => {
    for (const [options, end] of falling) {
      expect(at(options, 9.9)).toBeGreaterThan(end);
      for (const epoch of [10, 10.5, 11, 25, 1e9]) expect(at(options, epoch)).toBe(end);
      const late = { ...options, warmUp: 4 };
      expect(at(late, 9.9)).toBeGreaterThan(end);
      expect(at(late, 10)).toBe(end);
      expect(at(late, 7)).toBe(at({ ...options, epochs: 6 }, 3));
      const short = { ...options, epochs: 2, warmUp: 1 };
      expect(at(short, 2.9)).toBeGreaterThan(end);
      expect(at(short, 3)).toBe(end);
    }
  });

  it("a warm-up as long as the fit leaves nothing to the schedule", () => {
    for (const [options, end] of falling) {
      expect(at({ ...options, warmUp: 10 }, 9.5, 0.5)).toBe(1);
      expect(at({ ...options, warmUp: 10 }, 10)).toBe(end);
    }
  });

  it("close to the end, a cosine doesn't cancel to 0", () => {
    const [e, length] = [1e5 - 1e-5, 1e5];
    const expected = Math.sin((Math.PI / 2) * ((length - e) / length)) ** 2;
    expect(at({ kind: "cosine", epochs: length }, e) / expected).toBeCloseTo(1, 3);
  });

  it("steps fall exactly at their epochs", () => {
    expect(at({ kind: "step", every: 2 }, 2 - 1e-9)).toBe(1);
    expect(at({ kind: "step", every: 2 }, 2)).toBe(0.1);
    expect(at({ kind: "step", every: 0.5, factor: 0.5 }, 1.25)).toBe(0.25);
    expect(at({ kind: "step", every: 5e-324 }, 1)).toBe(0);
  });

  it("restarts begin with η exactly at their epochs", () => {
    const periods = { kind: "cosine", epochs: 10, restarts: true, stretch: 10 } as const;
    for (const epoch of [0, 10, 110, 1110, 11110]) {
      expect(at(periods, epoch)).toBe(1);
      if (epoch > 0) expect(at(periods, epoch - 1e-6)).toBeLessThan(1e-13);
    }
    expect(at({ ...periods, stretch: 1 }, 30)).toBe(1);
    expect(at({ ...periods, stretch: 1 }, 35)).toBeCloseTo(0.5, 15);
    expect(at({ ...periods, stretch: 1, warmUp: 2 }, 12)).toBe(1);
    expect(at({ ...periods, stretch: 1, epochs: 0.3 }, 0.3 * 2 ** 20)).toBe(1);
  });

  it("the warm-up gives the rate at the mini-batch's end, and no more than η", () => {
    expect(at({ kind: "constant", warmUp: 2 }, 0, 0.5)).toBe(0.25);
    expect(at({ kind: "constant", warmUp: 2 }, 1.5, 0.5)).toBe(1);
    expect(at({ kind: "constant", warmUp: 0.75 }, 0.5, 0.5)).toBe(1);
    expect(at({ kind: "constant", warmUp: { epochs: 4, from: 0.5 } }, 1, 1)).toBe(0.75);
    expect(at({ kind: "exponential", factor: 0.5, warmUp: 3 }, 2, 0.5)).toBe(2.5 / 3);
    expect(at({ kind: "exponential", factor: 0.5, warmUp: 3 }, 5, 0.5)).toBe(0.25);
  });

  it("constant is constant", () => {
    for (const epoch of [0, 0.3, 10, 99]) expect(at({ kind: "constant" }, epoch, 0.1)).toBe(1);
  });

  it("oneCycle trains the last mini-batch with the least rate, and only that one", () => {
    expect(at({ kind: "oneCycle" }, 9.75, 0.25)).toBe(1 / 25 / 1e4);
    expect(at({ kind: "oneCycle" }, 9.5, 0.25)).toBeGreaterThan(1e-4);
    expect(at({ kind: "oneCycle" }, 2.75, 0.25)).toBe(1);
    expect(at({ kind: "oneCycle", epochs: 1, warmUpShare: 1 }, 0, 1)).toBe(1 / 25 / 1e4);
  });
});

describe("options", () => {
  it("have the defaults of the documentation, and are JSON that resolves to itself", () => {
    const warmUp = { epochs: 0, from: 0 };
    const all: [ScheduleOptions | undefined, object][] = [
      [undefined, { kind: "constant", warmUp }],
      [
        { kind: "constant", warmUp: 3 },
        { kind: "constant", warmUp: { epochs: 3, from: 0 } },
      ],
      [
        { kind: "constant", warmUp: { epochs: 0.5 } },
        { kind: "constant", warmUp: { epochs: 0.5, from: 0 } },
      ],
      [
        { kind: "step", every: 5 },
        { kind: "step", every: 5, factor: 0.1, warmUp },
      ],
      [
        { kind: "exponential", factor: 0.9 },
        { kind: "exponential", factor: 0.9, warmUp },
      ],
      [
        { kind: "inverseTime", decay: 2 },
        { kind: "inverseTime", decay: 2, warmUp },
      ],
      [{ kind: "polynomial" }, { kind: "polynomial", power: 1, end: 0, warmUp }],
      [{ kind: "cosine" }, { kind: "cosine", restarts: false, stretch: 1, end: 0, warmUp }],
      [
        { kind: "cosine", epochs: 4, restarts: true, stretch: 2 },
        { kind: "cosine", epochs: 4, restarts: true, stretch: 2, end: 0, warmUp },
      ],
      [{ kind: "oneCycle" }, { kind: "oneCycle", warmUpShare: 0.3, startFactor: 25, endFactor: 1e4, warmUp }],
      [
        { kind: "reduceOnPlateau" },
        {
          kind: "reduceOnPlateau",
          metric: "validationLoss",
          higherIsBetter: false,
          factor: 0.1,
          patience: 10,
          threshold: 1e-4,
          cooldown: 0,
          least: 0,
        },
      ],
    ];
    for (const [options, expected] of all) {
      const resolved = resolveSchedule(options, "schedule");
      expect(resolved).toStrictEqual(expected);
      expect(resolveSchedule(JSON.parse(JSON.stringify(resolved)), "schedule")).toStrictEqual(resolved);
    }
  });

  it("higherIsBetter follows the column's name unless it is given", () => {
    const inferred = (metric: string) => onPlateau({ metric }).higherIsBetter;
    for (const name of ["accuracy", "validationAccuracy", "f1", "validationF1", "rocAuc", "r2"]) {
      expect(inferred(name)).toBe(true);
    }
    for (const name of ["loss", "validationLoss", "rootMeanSquaredError", "seconds"])
      expect(inferred(name)).toBe(false);
    expect(onPlateau({ metric: "accuracy", higherIsBetter: false }).higherIsBetter).toBe(false);
  });

  const number = "must be a finite number";
  const refused: [unknown, ErrorConstructor, string][] = [
    ["cosine", TypeError, 'schedule must be an object such as { kind: "cosine" }, got "cosine"'],
    [null, TypeError, "the options of schedule must be a plain object, got null"],
    [[], TypeError, "the options of schedule must be a plain object, got an array of length 0"],
    [{}, TypeError, "schedule.kind must be one of constant, step, exponential"],
    [{ kind: "cosin" }, RangeError, 'reduceOnPlateau, got "cosin"'],
    [{ kind: "toString" }, RangeError, 'got "toString"'],
    [{ kind: "step", every: 1, gamma: 2 }, RangeError, 'schedule "step" has no option "gamma"; its options are kind, '],
    [{ kind: "reduceOnPlateau", warmUp: 2 }, RangeError, 'schedule "reduceOnPlateau" has no option "warmUp"'],
    [{ kind: "step" }, TypeError, `schedule.every ${number} above 0, got undefined`],
    [{ kind: "step", every: 0 }, RangeError, `schedule.every ${number} above 0, got 0`],
    [{ kind: "step", every: 1, factor: 0 }, RangeError, `schedule.factor ${number} above 0 and at most 1, got 0`],
    [{ kind: "step", every: 1, factor: null }, TypeError, "schedule.factor must"],
    [{ kind: "exponential" }, TypeError, "schedule.factor must"],
    [{ kind: "exponential", factor: 1.1 }, RangeError, "at most 1, got 1.1"],
    [{ kind: "inverseTime" }, TypeError, "schedule.decay must"],
    [{ kind: "inverseTime", decay: -1 }, RangeError, `schedule.decay ${number} of at least 0, got -1`],
    [{ kind: "polynomial", epochs: 0 }, RangeError, `schedule.epochs ${number} above 0, got 0`],
    [{ kind: "polynomial", epochs: Number.POSITIVE_INFINITY }, RangeError, "schedule.epochs must"],
    [{ kind: "polynomial", power: 0 }, RangeError, `schedule.power ${number} above 0, got 0`],
    [{ kind: "polynomial", end: -0.1 }, RangeError, `schedule.end ${number} of at least 0, got -0.1`],
    [{ kind: "cosine", epochs: "5" }, TypeError, 'schedule.epochs must be a finite number above 0, got "5"'],
    [{ kind: "cosine", restarts: 1 }, TypeError, "schedule.restarts must be true or false, got 1"],
    [{ kind: "cosine", restarts: true }, RangeError, "schedule.restarts needs schedule.epochs"],
    [{ kind: "cosine", epochs: 2, stretch: 2 }, RangeError, "schedule.stretch needs schedule.restarts to be true"],
    [
      { kind: "cosine", epochs: 2, restarts: true, stretch: 1.5 },
      RangeError,
      "schedule.stretch must be a positive int",
    ],
    [{ kind: "cosine", epochs: 2, restarts: true, stretch: 0 }, RangeError, "schedule.stretch must be a positive int"],
    [{ kind: "cosine", end: Number.NaN }, RangeError, "schedule.end must"],
    [{ kind: "oneCycle", epochs: -1 }, RangeError, "schedule.epochs must"],
    [{ kind: "oneCycle", warmUpShare: 1.5 }, RangeError, `schedule.warmUpShare ${number} of at least 0 and at most 1`],
    [{ kind: "oneCycle", startFactor: 0.5 }, RangeError, `schedule.startFactor ${number} of at least 1, got 0.5`],
    [{ kind: "oneCycle", endFactor: 0 }, RangeError, `schedule.endFactor ${number} of at least 1, got 0`],
    [{ kind: "reduceOnPlateau", metric: 1 }, TypeError, "schedule.metric must be the name of a column of the history"],
    [{ kind: "reduceOnPlateau", higherIsBetter: "no" }, TypeError, "schedule.higherIsBetter must be true or false"],
    [{ kind: "reduceOnPlateau", factor: 1 }, RangeError, `schedule.factor ${number} above 0 and below 1, got 1`],
    [{ kind: "reduceOnPlateau", patience: 1.5 }, RangeError, "schedule.patience must be an integer of at least 0"],
    [{ kind: "reduceOnPlateau", patience: -1 }, RangeError, "schedule.patience must be an integer of at least 0"],
    [{ kind: "reduceOnPlateau", threshold: 1 }, RangeError, `schedule.threshold ${number} of at least 0 and below 1`],
    [{ kind: "reduceOnPlateau", cooldown: -1 }, RangeError, "schedule.cooldown must be an integer of at least 0"],
    [{ kind: "reduceOnPlateau", least: -1 }, RangeError, `schedule.least ${number} of at least 0, got -1`],
    [{ kind: "constant", warmUp: -1 }, RangeError, `schedule.warmUp ${number} of at least 0, got -1`],
    [{ kind: "constant", warmUp: true }, TypeError, "schedule.warmUp must be a number of epochs, or an object such as"],
    [{ kind: "constant", warmUp: null }, TypeError, "the options of schedule.warmUp must be a plain object, got null"],
    [
      { kind: "constant", warmUp: {} },
      TypeError,
      "schedule.warmUp.epochs must be a finite number of at least 0, got und",
    ],
    [
      { kind: "constant", warmUp: { epochs: 1, from: 2 } },
      RangeError,
      `schedule.warmUp.from ${number} of at least 0 and`,
    ],
    [{ kind: "constant", warmUp: { epochs: 1, to: 2 } }, RangeError, 'schedule.warmUp has no option "to"'],
  ];

  it.each(refused)("%j is refused", (options, kind, message) => {
    const resolve = () => resolveSchedule(options, "schedule");
    expect(resolve).toThrow(kind);
    expect(resolve).toThrow(message);
  });

  it("of other schedules don't compile", () => {
    expectTypeOf<{ kind: "cosine"; end: number; warmUp: { epochs: number } }>().toExtend<ScheduleOptions>();
    expectTypeOf<{ kind: "step" }>().not.toExtend<ScheduleOptions>();
    // @ts-expect-error: constant has no factor
    const wrong: ScheduleOptions = { kind: "constant", factor: 0.1 };
    expect(() => schedule(wrong)).toThrow(RangeError);
  });
});

describe("laws", () => {
  const real = (min: number, max: number) => fc.double({ min, max, noNaN: true });
  const warmUp = fc.record({ epochs: real(0, 5), from: real(0, 1) });
  const epochs = real(0.5, 40);
  const end = real(0, 1e-3);
  const kinds: Record<Exclude<ScheduleOptions["kind"], "reduceOnPlateau">, fc.Arbitrary<ScheduleOptions>> = {
    constant: fc.record({ kind: fc.constant("constant"), warmUp }),
    step: fc.record({ kind: fc.constant("step"), every: real(0.5, 20), factor: real(0.1, 1), warmUp }),
    exponential: fc.record({ kind: fc.constant("exponential"), factor: real(0.1, 1), warmUp }),
    inverseTime: fc.record({ kind: fc.constant("inverseTime"), decay: real(0, 100), warmUp }),
    polynomial: fc.record(
      { kind: fc.constant("polynomial"), epochs, power: real(0.1, 5), end, warmUp },
      { requiredKeys: ["kind"] },
    ),
    cosine: fc.oneof(
      fc.record({ kind: fc.constant("cosine"), epochs, end, warmUp }, { requiredKeys: ["kind"] }),
      fc.record({
        kind: fc.constant("cosine"),
        epochs,
        restarts: fc.constant(true),
        stretch: fc.integer({ min: 1, max: 4 }),
        end,
        warmUp,
      }),
    ),
    oneCycle: fc.record(
      {
        kind: fc.constant("oneCycle"),
        epochs,
        warmUpShare: real(0, 1),
        startFactor: real(1, 50),
        endFactor: real(1, 1e5),
        warmUp,
      },
      { requiredKeys: ["kind"] },
    ),
  };
  /** A sum's last rounding may exceed what it sums up to. */
  const ROUNDING = 1 + 2 ** -52;

  it.each(Object.entries(kinds))("%s stays above 0 within its length, and between η and its end", (_, options) => {
    fc.assert(
      fc.property(options, real(1e-3, 1), real(0, 60), real(1e-4, 1), (given, eta, epoch, share) => {
        const resolved = schedule(given);
        const rate = rateAt(resolved, eta, epoch, 30, share);
        expect(Number.isFinite(rate)).toBe(true);
        expect(rate).toBeLessThanOrEqual(eta * ROUNDING);
        if (resolved.kind === "reduceOnPlateau") return;
        const length = ("epochs" in resolved ? resolved.epochs : undefined) ?? 30 - resolved.warmUp.epochs;
        if (epoch < resolved.warmUp.epochs) expect(rate).toBeGreaterThan(0);
        else if ("end" in resolved) expect(rate * ROUNDING).toBeGreaterThanOrEqual(resolved.end);
        if (epoch < resolved.warmUp.epochs + length) expect(rate).toBeGreaterThan(0);
      }),
      { numRuns: 500 },
    );
  });

  it("oneCycle rises, then falls, whatever the shares of the mini-batches", () => {
    fc.assert(
      fc.property(fc.array(real(0.01, 1), { minLength: 4, maxLength: 30 }), real(0, 1), (shares, warmUpShare) => {
        const total = shares.reduce((sum, share) => sum + share, 0);
        let epoch = 0;
        const rates = shares.map((share) => {
          const rate = rateAt(schedule({ kind: "oneCycle", warmUpShare }), 1, epoch, total, share);
          epoch += share;
          return rate;
        });
        const turns = rates.slice(1).map((rate, i) => Math.sign(rate - (rates[i] as number)));
        expect(turns.lastIndexOf(1)).toBeLessThanOrEqual(turns.includes(-1) ? turns.indexOf(-1) : turns.length);
      }),
    );
  });

  it("a plateau's factor is the power of its falls, and its best is one of the values", () => {
    const value = fc.oneof(real(-2, 2), fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY));
    const limits = fc.record({
      patience: fc.nat(4),
      cooldown: fc.nat(4),
      factor: real(0.2, 0.9),
      higherIsBetter: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(value, { minLength: 1, maxLength: 60 }), limits, (values, options) => {
        const resolved = onPlateau(options);
        let state: Plateau | undefined;
        let falls = 0;
        for (const now of values) {
          const next = nextPlateau(resolved, state, now);
          if (next.factor !== (state?.factor ?? 1)) falls += 1;
          expect(next.badEpochs).toBeLessThanOrEqual(options.patience);
          expect(next.cooldownLeft).toBeLessThanOrEqual(options.cooldown);
          if (next.best !== null) expect(values).toContain(next.best);
          state = next;
        }
        expect(state?.factor).toBeCloseTo(options.factor ** falls, 12);
        expect(falls).toBeLessThanOrEqual(values.length / (options.patience + 1));
      }),
    );
  });

  it("power is x^y", () => {
    fc.assert(
      fc.property(real(1e-6, 1), real(0, 40), (x, y) => {
        near(power(x, y), x ** y);
      }),
      { numRuns: 1000 },
    );
    expect([power(0.3, 0), power(0.3, 1), power(1, 2.5), power(0.25, 0.5)]).toEqual([1, 0.3, 1, 0.5]);
  });
});
