// Who can use the playground: by keyboard, with a screen reader, in the dark, on a phone, without a network.

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { browsers, type OpenPage, Playground } from "./playground-page.js";

const DIGITS = "data=digits&layers=8";

describe.each(browsers)("in $name", ({ launch }) => {
  let playground: Playground;
  beforeAll(async () => {
    playground = await Playground.start(launch);
  });
  afterAll(() => playground?.end());

  it.each(["light", "dark"] as const)("has no barriers that axe knows of, in %s colours", async (colorScheme) => {
    for (const hash of ["", "data=gaussians", "data=wave", DIGITS, "data=ripple&rate=1000"]) {
      const opened = await playground.open(hash, { colorScheme });
      await opened.at("step-batch").click();
      expect(await opened.barriers()).toEqual([]);
      if (hash === "") {
        for (let step = 0; step < 5; step++) {
          await opened.at(step < 3 ? "step-forward" : "step-backward").click();
          expect(await opened.barriers()).toEqual([]);
        }
        await opened.at("help").click();
        expect(await opened.barriers()).toEqual([]);
      }
      await opened.close();
    }
  });

  it("is light or dark as the system is, until it is told otherwise, and remembers that", async () => {
    const opened = await playground.open("", { colorScheme: "dark" });
    const ground = async () => {
      const colour = await opened.page.evaluate("getComputedStyle(document.body).backgroundColor");
      const [red] = String(colour).match(/\d+/g) ?? [];
      return Number(red) < 128 ? "dark" : "light";
    };
    expect(await ground()).toBe("dark");
    await opened.page.emulateMedia({ colorScheme: "light" });
    await expect.poll(ground).toBe("light");
    await opened.at("theme").click();
    expect(await ground()).toBe("dark");
    await opened.page.reload();
    await opened.at("play").waitFor();
    expect(await ground()).toBe("dark");
    await opened.close();
  });

  it("can be used by keyboard alone", async () => {
    const opened = await playground.open();
    const { keyboard } = opened.page;
    await keyboard.press("m");
    expect(await opened.number("steps")).toBe(1);
    await keyboard.press("Space");
    await expect.poll(() => opened.number("steps")).toBeGreaterThan(5);
    await keyboard.press("Space");
    await keyboard.press("r");
    await expect.poll(() => opened.number("steps")).toBe(0);
    const reached = await reachedByTab(opened);
    const all = [
      "preset",
      "share",
      "theme",
      "help",
      "play",
      "reset",
      "step-batch",
      "step-sample",
      "step-forward",
      "rate",
    ];
    const more = [
      "step-backward",
      "speed",
      "optimizer",
      "loss",
      "batch",
      "l2",
      "initializer",
      "seed",
      "data",
      "samples",
    ];
    const rest = ["noise", "split", "normalise", "add-layer", "parameter", "lesson-begin", "save-onnx", "log-scale"];
    for (const each of [...all, ...more, ...rest]) expect(reached).toContain(each);
    await opened.close();
  });

  it.each([360, 390, 768, 1024, 1440])("needs no scrolling sideways at %i pixels", async (width) => {
    for (const hash of ["", DIGITS, "layers=64,64,64,64,64,64"]) {
      const opened = await playground.open(hash, { viewport: { width, height: 800 } });
      for (let step = 0; step < 4; step++) await opened.at("step-backward").click();
      expect(await opened.page.evaluate("document.documentElement.scrollWidth")).toBeLessThanOrEqual(width);
      await opened.close();
    }
  });

  it("goes on without a network", async () => {
    const opened = await playground.open();
    await opened.page.context().setOffline(true);
    await opened.at("data").selectOption("digits");
    await expect.poll(() => opened.summary()).toMatch(/64 inputs/);
    await opened.at("normalise").selectOption("standard");
    await opened.at("step-batch").click();
    for (const format of ["nablanet", "json", "onnx", "javascript"]) {
      expect((await opened.saved(`save-${format}`)).length).toBeGreaterThan(100);
    }
    await opened.page.locator(".drop-zone input").setInputFiles("test/fixtures/iris.parquet");
    await expect.poll(() => opened.summary()).toMatch(/“iris.parquet”/);
    await opened.page.locator(".race button").click();
    await expect
      .poll(() => opened.text(opened.page.locator(".race p[role=status]")), { timeout: 30_000 })
      .toMatch(/as fast\.$/);
    await opened.close();
  });

  it("has no complaints in any console", () => expect(playground.complaints).toEqual([]));
});

/** What the tab key comes to, by test id; each must show that it has the focus. */
async function reachedByTab({ page }: OpenPage): Promise<string[]> {
  const reached: string[] = [];
  for (let i = 0; i < 90; i++) {
    await page.keyboard.press("Tab");
    const [id, isShown] = (await page.evaluate(`(() => {
      const element = document.activeElement;
      const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(element);
      const shown = (outlineStyle !== "none" && outlineWidth !== "0px") || boxShadow !== "none" || element === document.body;
      return [element.dataset?.testid ?? element.className, shown];
    })()`)) as [string, boolean];
    expect([id, isShown]).toEqual([id, true]);
    reached.push(id);
  }
  return reached;
}
