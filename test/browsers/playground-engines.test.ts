// The playground in each engine, by what its page's own scripts can do: it learns, its steps have Node's bits, links bring a
// run back, and axe finds nothing serious. What a user does with mouse and keyboard is tested in Chromium, in the files beside.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { Network } from "nablanet";
import { expect, it } from "vitest";
import { problems } from "../../playground/src/data/problems.js";
import { Run } from "../../playground/src/model/run.js";
import { defaults } from "../../playground/src/model/settings.js";
import { describeEach, type Visit } from "./each.js";
import type { Page } from "./roster.js";
import { keepingConsole } from "./site.js";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"));

const PAGE = "/dist/playground/index.html";

/** What the expressions below are written with. */
const script = `
  const at = (testId) => document.querySelector('[data-testid="' + testId + '"]');
  const until = async (isSo) => { while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 50)); };
  const number = (testId) => Number.parseFloat(at(testId).textContent.replaceAll(",", ""));
  const saved = async (testId) => {
    const blob = new Promise((resolve) => {
      const made = URL.createObjectURL;
      URL.createObjectURL = (what) => { URL.createObjectURL = made; resolve(what); return "#saved"; };
    });
    // nothing is to be written to a disk
    const kept = HTMLAnchorElement.prototype.click;
    HTMLAnchorElement.prototype.click = () => {};
    at(testId).click();
    const bytes = [...new Uint8Array(await (await blob).arrayBuffer())];
    await new Promise((resolve) => setTimeout(resolve));
    HTMLAnchorElement.prototype.click = kept;
    return bytes;
  };
  await until(() => at("play") !== null);
`;

const within = (page: Page, body: string) => page.evaluate(`(async () => { ${script} ${body} })()`);
const playground = <T>(visit: Visit, hash: string, work: (page: Page) => Promise<T>) => visit(PAGE + hash, work);

const parametersOf = async (bytes: unknown) => (await Network.load(Uint8Array.from(bytes as number[]))).parameters();

describeEach(
  async () => ({ "/axe.js": axe, [PAGE]: keepingConsole(readFileSync(new URL(`../..${PAGE}`, import.meta.url))) }),
  (visit) => {
    it("learns the circles, and pauses", async () => {
      const [accuracy, before, after] = (await playground(visit, "", (page) =>
        within(
          page,
          `at("play").click();
          await until(() => number("test-accuracy") >= 95);
          at("play").click();
          await new Promise((resolve) => setTimeout(resolve, 100));
          const before = number("steps");
          await new Promise((resolve) => setTimeout(resolve, 400));
          return [number("test-accuracy"), before, number("steps")];`,
        ),
      )) as [number, number, number];
      expect(accuracy).toBeGreaterThanOrEqual(95);
      expect(before).toBeGreaterThan(0);
      expect(after).toBe(before);
    });

    it("steps to the bits that Node steps to", async () => {
      const run = await Run.create(defaults, problems[0]);
      const expected = [run.network.parameters()];
      for (const step of [() => run.stepBatch(), () => run.stepSample(), () => run.stepBatch()]) {
        step();
        expected.push(run.network.parameters());
      }
      const files = (await playground(visit, "", (page) =>
        within(
          page,
          `const files = [await saved("save-nablanet")];
          for (const button of ["step-batch", "step-sample", "step-batch"]) {
            at(button).click();
            await new Promise((resolve) => setTimeout(resolve, 100));
            files.push(await saved("save-nablanet"));
          }
          return files;`,
        ),
      )) as number[][];
      expect(await Promise.all(files.map(parametersOf))).toEqual(expected);
    });

    it("shows a pass through the layers, forward and back", async () => {
      const names = await playground(visit, "", (page) =>
        within(
          page,
          `const names = [];
          for (const button of ["forward", "forward", "forward", "backward", "backward", "backward", "backward"]) {
            at("step-" + button).click();
            await new Promise((resolve) => setTimeout(resolve, 50));
            names.push(document.querySelector('[aria-current="step"]').textContent);
          }
          return [...names, number("steps")];`,
        ),
      );
      expect(names).toEqual(["forward 1", "forward 2", "forward 3", "back 3", "back 2", "back 1", "update", 1]);
    });

    it("keeps its state in the link", async () => {
      const steps = `for (let i = 0; i < 5; i++) at("step-batch").click();
        await new Promise((resolve) => setTimeout(resolve, 100));
        return [location.hash, await saved("save-nablanet")];`;
      const hash = "#data=spirals&layers=6,4&optimizer=adam&seed=7";
      const [first, model] = (await playground(visit, hash, (page) => within(page, steps))) as [string, number[]];
      expect(new URLSearchParams(first.slice(1)).get("seed")).toBe("7");
      const again = (await playground(visit, first, (page) => within(page, steps))) as [string, number[]];
      expect(again[0]).toBe(first);
      expect(await parametersOf(again[1])).toEqual(await parametersOf(model));
    });

    it("has no barriers that axe knows of", async () => {
      const barriers = await playground(visit, "", (page) =>
        within(
          page,
          `await new Promise((resolve, reject) => {
            const script = Object.assign(document.createElement("script"), { src: "/axe.js", onload: resolve, onerror: reject });
            document.head.append(script);
          });
          at("step-batch").click();
          const { violations } = await axe.run();
          return violations.filter(({ impact }) => impact === "serious" || impact === "critical")
            .flatMap(({ id, nodes }) => nodes.map(({ target }) => id + ": " + target));`,
        ),
      );
      expect(barriers).toEqual([]);
    });
  },
);
