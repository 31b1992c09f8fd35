// What the playground's controls do, what it is given as files, links and drawings, and what it gives.

import { readFileSync } from "node:fs";
import { Network } from "nablanet";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { drawn } from "../drawn-digits.js";
import { browsers, type OpenPage, Playground } from "./playground-page.js";

const iris = readFileSync(new URL("../fixtures/iris.csv", import.meta.url), "utf8");
const DIGITS = "data=digits&samples=1797&noise=0&split=0.8&layers=32-relu&optimizer=adam&rate=0.005&batch=32";

/** Drops a file, as a browser tells the page. */
async function drop({ page }: OpenPage, name: string, content: string): Promise<void> {
  const transfer = await page.evaluateHandle(
    ([name, content]) => {
      const transfer = new DataTransfer();
      transfer.items.add(new File([content], name));
      return transfer;
    },
    [name, content] as const,
  );
  for (const type of ["dragover", "drop"])
    await page.locator(".drop-zone").dispatchEvent(type, { dataTransfer: transfer });
}

describe.each(browsers)("in $name", ({ launch }) => {
  let playground: Playground;
  beforeAll(async () => {
    playground = await Playground.start(launch);
  });
  afterAll(() => playground?.end());

  describe("controls", () => {
    let opened: OpenPage;
    beforeAll(async () => {
      opened = await playground.open();
    });

    it.each([
      ["rate", "0.3", "rate=0.3"],
      ["momentum", "0.9", "momentum=0.9"],
      ["loss", "quadratic", "loss=quadratic"],
      ["l2", "0.001", "l2=0.001"],
      ["initializer", "heNormal", "initializer=heNormal"],
      ["output", "tanh", "output=tanh"],
      ["normalise", "standard", "normalise=standard"],
      ["optimizer", "adam", "optimizer=adam"],
    ])("%s can be %s", async (control, value, setting) => {
      await opened.at(control).selectOption(value);
      await expect.poll(() => opened.hash().split("&")).toContain(setting);
      await opened.at("step-batch").click();
      expect(await opened.at(control).inputValue()).toBe(value);
    });

    it.each([
      ["samples", "120"],
      ["noise", "0.25"],
      ["split", "0.5"],
      ["batch", "7"],
      ["seed", "42"],
    ])("%s can be %s", async (control, value) => {
      await opened.at(control).fill(value);
      await opened.at(control).blur();
      await expect.poll(() => opened.hash().split("&")).toContain(`${control}=${value}`);
    });

    it("shares the samples out as it was told", async () => {
      const counts = opened.page.locator(".confusion .about");
      await expect.poll(() => opened.text(counts)).toMatch(/^\d+ of 60 right/);
      await opened.page.getByLabel("training", { exact: true }).check();
      await expect.poll(() => opened.text(counts)).toMatch(/^\d+ of 60 right/);
      // an epoch of 60 samples in mini-batches of 7
      await opened.at("reset").click();
      for (let step = 0; step < 9; step++) await opened.at("step-batch").click();
      expect([await opened.number("steps"), await opened.number("epoch")]).toEqual([9, 1]);
    });

    it("layers, neurons, activations and dropout", async () => {
      const { page } = opened;
      await opened.at("add-layer").click();
      await page.getByLabel("Add a neuron to layer 1").click();
      await page.getByLabel("Remove a neuron from layer 2").click();
      await page.getByLabel("Activation of layer 2").selectOption("relu");
      await page.getByLabel("Dropout of layer 3").selectOption("0.2");
      await expect.poll(() => opened.hash().split("&")).toContain("layers=5,2-relu,3-tanh-0.2");
      await expect
        .poll(() => opened.summary())
        .toMatch(/2 inputs, then 5 tanh, then 2 relu, then 3 tanh, then 1 tanh;/);
      await page.getByLabel("Remove layer 1", { exact: true }).click();
      await expect.poll(() => opened.summary()).toMatch(/2 inputs, then 2 relu, then 3 tanh, then 1 tanh;/);
    });

    it("a weight can be set by hand", async () => {
      await opened.at("parameter").fill("-1.25");
      await opened.page.getByRole("button", { name: "Set", exact: true }).click();
      expect((await Network.load(await opened.saved("save-nablanet"))).parameters()[0]).toBe(-1.25);
    });

    it("every problem, optimizer and loss trains", async () => {
      for (const control of ["data", "optimizer", "loss"]) {
        const values = await opened
          .at(control)
          .locator("option")
          .evaluateAll((options) => options.map((option) => (option as HTMLOptionElement).value));
        expect(values.length).toBeGreaterThan(3);
        for (const value of values) {
          await opened.at(control).selectOption(value);
          await expect.poll(() => opened.at(control).inputValue()).toBe(value);
          const before = await opened.number("steps");
          await opened.at("step-batch").click();
          await expect.poll(() => opened.number("steps")).not.toBe(before);
          expect(await opened.number("training-loss")).toBeGreaterThanOrEqual(0);
        }
      }
    });
  });

  it("says what the network answers where it is pointed at, by mouse and by key", async () => {
    const opened = await playground.open();
    const readout = opened.page.locator(".readout");
    await opened.page.locator(".probe").hover();
    expect(await opened.text(readout)).toMatch(/^x₁ −?[\d.]+, x₂ −?[\d.]+: (orange|blue), \d+ %$/);
    await opened.page.mouse.move(0, 0);
    await opened.page.locator(".probe").focus();
    await opened.page.keyboard.press("ArrowLeft");
    expect(await opened.text(readout)).toMatch(/^x₁ −/);
    await opened.close();
  });

  it("gives the same parameters for the same link, bit for bit", async () => {
    const links = [
      "data=moons&layers=6,5-gelu&optimizer=adam&rate=0.01&batch=16&seed=7",
      "data=moons&layers=6,5-gelu&optimizer=adam&rate=0.01&batch=16&seed=8",
    ];
    const hashes: string[] = [];
    for (const link of [links[0], links[0], links[1]]) {
      const opened = await playground.open(link);
      expect(opened.hash()).toBe(link);
      for (let step = 0; step < 25; step++) await opened.page.keyboard.press("m");
      expect(await opened.number("steps")).toBe(25);
      hashes.push(await opened.modelHash());
      await opened.close();
    }
    expect(hashes[1]).toBe(hashes[0]);
    expect(hashes[2]).not.toBe(hashes[0]);
  });

  it.each([
    ["markup", "data=<img src=x onerror=alert(1)>"],
    ["a huge layer", "layers=1000000000"],
    ["many layers", `layers=${Array(200).fill(64).join(",")}`],
    ["odd layers", "layers=4-softmax,-3,x"],
    ["numbers out of bounds", "rate=NaN&batch=1e9&samples=-5&noise=Infinity&split=2&seed=-1&l2=1e400"],
    ["names of objects", "__proto__=1&constructor=2&toString=3"],
    ["broken escapes", "%E0%A4%A&=&&&=%00"],
    ["a table", "data=table"],
    ["what isn't offered", "optimizer=lbfgs&loss=hinge&output=softmax"],
    ["a long name", `${"a".repeat(100_000)}=1`],
  ])("survives a link with %s", async (_, hash) => {
    const opened = await playground.open(hash);
    await opened.at("step-batch").click();
    expect(await opened.number("steps")).toBe(1);
    expect((await opened.text("notices")).length).toBeLessThan(600);
    expect(await opened.page.locator("img").count()).toBe(0);
    await opened.close();
  });

  it("learns a table that is dropped on it, and says what is wrong with another", async () => {
    const opened = await playground.open();
    await drop(opened, "iris.csv", iris);
    await expect.poll(() => opened.text(opened.page.locator(".columns legend"))).toBe("iris.csv, 150 rows");
    await expect.poll(() => opened.summary()).toMatch(/4 inputs, .* then 3 softmax;.*“iris.csv”/);
    const chosen = (control: string) => opened.text(opened.at(control).locator("option:checked"));
    expect([await chosen("output"), await chosen("loss")]).toEqual(["softmax", "crossEntropy"]);
    await opened.at("optimizer").selectOption("adam");
    await opened.at("rate").selectOption("0.03");
    await opened.playUntil("test-accuracy", 90);
    await opened.page.getByLabel("across").selectOption("petal_width");
    await opened.page.getByLabel("sepal_width numeric").uncheck();
    await expect.poll(() => opened.summary()).toMatch(/3 inputs/);
    await opened.page.getByLabel("Predict").selectOption("petal_length");
    await expect.poll(() => opened.summary()).toMatch(/then 1 identity/);
    await drop(opened, "bad.csv", "a,b\n1,2\n3,4,5\n");
    await expect
      .poll(() => opened.text(opened.page.locator(".failure")))
      .toBe("bad.csv: row 2 must have 2 values, got 3");
    await opened.close();
  });

  it("reads digits that are drawn with the mouse, and can be taught one", async () => {
    const opened = await playground.open(DIGITS);
    await opened.playUntil("test-accuracy", 95, 90_000);
    const sheet = opened.page.locator(".digit-sheet canvas");
    const reading = opened.page.locator(".digit-reading p");
    const read: string[] = [];
    for (const strokes of drawn) {
      await opened.draw(sheet, strokes);
      read.push((await opened.text(reading)).replace(/\D/g, ""));
      await opened.page.getByRole("button", { name: "Clear" }).click();
    }
    expect(await opened.text(reading)).toBe("Nothing drawn.");
    const right = read.filter((digit, i) => digit === String(i)).length;
    expect(right, `read ${read}`).toBeGreaterThanOrEqual(9);
    await opened.draw(sheet, drawn[4]);
    await opened.page.getByLabel("It is a").selectOption("4");
    await opened.page.getByRole("button", { name: "Add to the training samples" }).click();
    expect(await opened.text(opened.page.locator(".digit-teaching [role=status]"))).toBe(
      "1 added; train on to learn it.",
    );
    await opened.page.getByLabel("training", { exact: true }).check();
    await expect.poll(() => opened.text(opened.page.locator(".confusion .about"))).toMatch(/ of 1439 right/);
    await opened.close();
  });

  it("saves models and data, and opens a model again", async () => {
    const opened = await playground.open("data=moons&layers=5,3-relu");
    await opened.at("step-batch").click();
    const parameters = (await Network.load(await opened.saved("save-nablanet"))).parameters();
    for (const format of ["json", "onnx"]) {
      expect((await Network.load(await opened.saved(`save-${format}`))).parameters()).toEqual(parameters);
    }
    expect(new TextDecoder().decode(await opened.saved("save-javascript"))).toMatch("export function predict");
    const lines = new TextDecoder()
      .decode(await opened.saved("save-data"))
      .trim()
      .split("\n");
    expect([lines.length, lines[0]]).toEqual([301, "x₁,x₂,class,part"]);
    const model = Buffer.from(await opened.saved("save-json"));
    await opened.at("step-batch").click();
    await opened.at("open-model").setInputFiles({ name: "model.json", mimeType: "application/json", buffer: model });
    await expect
      .poll(async () => (await Network.load(await opened.saved("save-nablanet"))).parameters())
      .toEqual(parameters);
    await opened
      .at("open-model")
      .setInputFiles({ name: "no.json", mimeType: "application/json", buffer: Buffer.from("{") });
    await expect
      .poll(() => opened.text("notices"))
      .toMatch(/must be a file of one of the formats nablanet, json, .*, got none of them/);
    await opened.close();
  });

  it("races plain JavaScript, and stays alive meanwhile", async () => {
    const opened = await playground.open("layers=16,16");
    const race = opened.page.locator(".race");
    await race.getByRole("button").click();
    const frames = await opened.page.evaluate(`new Promise((resolve) => {
      let frames = 0;
      const count = () => { frames += 1; requestAnimationFrame(count); };
      requestAnimationFrame(count);
      setTimeout(() => resolve(frames), 1000);
    })`);
    expect(frames).toBeGreaterThan(10);
    await expect.poll(() => opened.text(race.locator("p[role=status]")), { timeout: 30_000 }).toMatch(/as fast\.$/);
    expect(await race.locator("li").allTextContents()).toEqual([
      expect.stringMatching(/^nablanet[\d,]+ samples\/s$/),
      expect.stringMatching(/^plain JavaScript[\d,]+ samples\/s$/),
    ]);
    await opened.at("optimizer").selectOption("lion");
    await expect.poll(() => race.textContent()).toMatch("Not with these settings: the plain JavaScript has no lion.");
    await opened.close();
  });

  it("has no complaints in any console", () => expect(playground.complaints).toEqual([]));
});
