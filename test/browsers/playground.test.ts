// The playground trains: it learns, pauses, takes its steps, and shows numbers that satisfy their own equations.

import { Network } from "nablanet";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { problems } from "../../playground/src/data/problems.js";
import { Run } from "../../playground/src/model/run.js";
import { defaults } from "../../playground/src/model/settings.js";
import { browsers, numbersIn, type OpenPage, Playground } from "./playground-page.js";

describe.each(browsers)("in $name", ({ launch }) => {
  let playground: Playground;
  beforeAll(async () => {
    playground = await Playground.start(launch);
  });
  afterAll(() => playground?.end());

  it("learns the circles, and really pauses", async () => {
    const it = await playground.open();
    await it.playUntil("test-accuracy", 95);
    expect(await it.at("play").getAttribute("aria-label")).toBe("Play");
    const [steps, model] = [await it.text("steps"), await it.modelHash()];
    await it.page.waitForTimeout(400);
    expect([await it.text("steps"), await it.modelHash()]).toEqual([steps, model]);
    await it.close();
  });

  it("learns the spirals with a bigger network", async () => {
    const it = await playground.open("data=spirals&samples=500&noise=0.01&layers=16,16,8&optimizer=adam&rate=0.01");
    await it.playUntil("test-accuracy", 95, 90_000);
    await it.close();
  });

  it("takes exactly one mini-batch or one sample a step", async () => {
    const opened = await playground.open();
    const run = await Run.create(defaults, problems[0]);
    const parameters = async () => (await Network.load(await opened.saved("save-nablanet"))).parameters();
    expect(await parameters()).toEqual(run.network.parameters());
    for (const [button, step] of [
      ["step-batch", () => run.stepBatch()],
      ["step-sample", () => run.stepSample()],
      ["step-batch", () => run.stepBatch()],
    ] as const) {
      await opened.at(button).click();
      step();
      expect(await opened.number("steps")).toBe(run.progress.steps);
      expect(await parameters()).toEqual(run.network.parameters());
    }
    await opened.at("reset").click();
    expect(await opened.number("steps")).toBe(0);
    expect(await parameters()).toEqual((await Run.create(defaults, problems[0])).network.parameters());
    await opened.close();
  });

  it("goes one layer forward, and one back, to the update", async () => {
    const opened = await playground.open();
    const now = () => opened.page.locator('[aria-current="step"]').textContent();
    for (const name of ["forward 1", "forward 2", "forward 3"]) {
      await opened.at("step-forward").click();
      expect(await now()).toBe(name);
    }
    for (const name of ["back 3", "back 2", "back 1", "update"]) {
      expect(await opened.number("steps")).toBe(0);
      await opened.at("step-backward").click();
      expect(await now()).toBe(name);
    }
    expect(await opened.number("steps")).toBe(1);
    const run = await Run.create(defaults, problems[0]);
    run.stepSample();
    expect((await Network.load(await opened.saved("save-nablanet"))).parameters()).toEqual(run.network.parameters());
    await opened.close();
  });

  it("shows numbers in the lesson that satisfy their equations", async () => {
    const opened = await playground.open("layers=4,3&rate=0.5");
    for (let step = 0; step < 3; step++) {
      await opened.at("step-forward").click();
      await expectForward(opened, step < 2 ? Math.tanh : (z) => 1 / (1 + Math.exp(-z)));
    }
    const [cost, a] = [await opened.number("lesson-cost"), await opened.number("lesson-a")];
    const [y] = numbersIn((await opened.text("mathematics")).split("with y = ")[1]);
    expectClose(cost, y === 1 ? -Math.log(a) : -Math.log(1 - a), HALF / Math.min(a, 1 - a));
    await opened.at("step-backward").click();
    expectClose(await opened.number("lesson-delta"), a - y, HALF);
    for (let layer = 3; layer >= 1; layer--) {
      await expectGradient(opened);
      await opened.at("step-backward").click();
      if (layer > 1) await expectHiddenDelta(opened);
    }
    const [before, rate, gradient, after] = numbersIn(
      (await opened.text(opened.at("mathematics").locator(".formula"))).split(" = ").slice(1).join(" = "),
    );
    expect(rate).toBe(0.5);
    expectClose(after, before - rate * gradient, HALF * (1 + rate));
    await opened.close();
  });

  it("has no complaints in any console", () => expect(playground.complaints).toEqual([]));
});

/** Half of the last digit that the lesson writes. */
const HALF = 0.0005;

/** Within what the rounding of the numbers that `expected` is made of explains, and that of the number itself. */
function expectClose(found: number, expected: number, rounding: number): void {
  expect(Math.abs(found - expected)).toBeLessThanOrEqual(rounding + HALF * Math.max(1, Math.abs(expected)) + 1e-9);
}

/** z = Σ w a + b, a = σ(z) */
async function expectForward(opened: OpenPage, activation: (z: number) => number): Promise<void> {
  const numbers = numbersIn(await opened.text("lesson-z"));
  const [z, b, ...terms] = numbers.reverse();
  expect(terms.length % 2).toBe(0);
  expect(terms.length).toBeGreaterThan(0);
  let [sum, rounding] = [b, HALF];
  for (let i = 0; i < terms.length; i += 2) {
    sum += terms[i] * terms[i + 1];
    rounding += HALF * (Math.abs(terms[i]) + Math.abs(terms[i + 1]) + HALF);
  }
  expectClose(z, sum, rounding);
  // no activation here is steeper than 1
  expectClose(await opened.number("lesson-a"), activation(z), HALF);
}

/** ∂C/∂w = a δ, from the last formula but one. */
async function expectGradient(opened: OpenPage): Promise<void> {
  const formula = opened.page.locator('[data-testid="mathematics"] .formula', {
    has: opened.page.locator('[data-testid="lesson-gradient"]'),
  });
  const [a, delta, gradient] = numbersIn(await opened.text(formula)).slice(-3);
  expectClose(gradient, a * delta, HALF * (Math.abs(a) + Math.abs(delta)));
  expect(await opened.number("lesson-delta")).toBe(delta);
}

/** δ = (Σ w δ) σ′(z) */
async function expectHiddenDelta(opened: OpenPage): Promise<void> {
  const numbers = numbersIn(await opened.text(opened.at("mathematics").locator(".numbers")));
  const [delta, slope, sum, , ...terms] = numbers.reverse();
  let [expected, rounding] = [0, 0];
  for (let i = 0; i < terms.length; i += 2) {
    expected += terms[i] * terms[i + 1];
    rounding += HALF * (Math.abs(terms[i]) + Math.abs(terms[i + 1]) + HALF);
  }
  expectClose(sum, expected, rounding);
  expectClose(delta, sum * slope, HALF * (Math.abs(sum) + Math.abs(slope)));
}
