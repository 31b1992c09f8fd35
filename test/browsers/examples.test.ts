// The pages of the examples do in each browser what they say, on a phone's width, in the light and in the dark.

import { describe, expect, it } from "vitest";
import { describeEach } from "./each.js";
import type { Page } from "./roster.js";

const NARROW = 360;

/** Runs the body of an async function in the page, with `find` and `until` at hand. */
function act(page: Page, body: string): Promise<unknown> {
  return page.evaluate(`(async () => {
    const find = (selector) => document.querySelector(selector);
    const sleep = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));
    const until = async (holds) => { while (!holds()) await sleep(10); };
    ${body}
  })()`);
}

/** What gestures are drawn of, in the pad: functions of how far they have come, 0 to 1, each time a little different. */
const GESTURES = `
  const pad = find("canvas");
  let state = 1;
  // the same draws in every run
  const random = () => { state = (state * 16807) % 2147483647; return state / 2147483647 - 0.5; };
  const shapes = {
    circle: () => {
      const [radius, start] = [60 + 40 * random(), -1.57 + 0.6 * random()];
      return (t) => [radius * Math.cos(start + 6.28 * t), radius * Math.sin(start + 6.28 * t)];
    },
    line: () => {
      const [half, turn] = [70 + 40 * random(), 0.5 * random()];
      return (t) => [half * (2 * t - 1) * Math.cos(turn), half * (2 * t - 1) * Math.sin(turn)];
    },
    zigzag: () => {
      const [half, high] = [80 + 30 * random(), 30 + 15 * random()];
      return (t) => [half * (2 * t - 1), high * (Math.abs(((4 * t) % 1) * 4 - 2) - 1)];
    },
  };
  const send = (kind, [x, y]) => {
    const { left, top, width, height } = pad.getBoundingClientRect();
    const at = { clientX: left + width / 2 + x + 2 * random(), clientY: top + height / 2 + y + 2 * random() };
    pad.dispatchEvent(new PointerEvent(kind, { pointerId: 1, pointerType: "mouse", button: 0, bubbles: true, ...at }));
  };
  const draw = (shape) => {
    const at = shapes[shape]();
    send("pointerdown", at(0));
    for (let i = 1; i <= 16; i++) send("pointermove", at(i / 16));
    send("pointerup", at(1));
  };
  const card = (name) => [...document.querySelectorAll(".teach")].find((each) => each.textContent.startsWith(name));
  const learned = () => until(() => !pad.hasAttribute("aria-busy"));
  await learned();
`;

/** The page in a frame as narrow as a phone, and the least contrast of text in it, in the light and in the dark. */
const LOOKS = `
  const frame = document.createElement("iframe");
  frame.width = "${NARROW}";
  frame.src = location.href;
  document.body.append(frame);
  await new Promise((resolve) => { frame.onload = resolve; });
  const { document: inner, getComputedStyle: styleOf } = frame.contentWindow;
  const pen = Object.assign(document.createElement("canvas"), { width: 1, height: 1 }).getContext("2d", { willReadFrequently: true });
  const luminance = (color) => {
    pen.fillStyle = color;
    pen.fillRect(0, 0, 1, 1);
    const [r, g, b] = [...pen.getImageData(0, 0, 1, 1).data].map((each) => {
      const share = each / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const groundOf = (element) => {
    const color = styleOf(element).backgroundColor;
    return color === "rgba(0, 0, 0, 0)" && element.parentElement ? groundOf(element.parentElement) : color;
  };
  const contrast = (element) => {
    const [a, b] = [styleOf(element).color, groundOf(element)].map((color) => luminance(color) + 0.05);
    return Math.max(a, b) / Math.min(a, b);
  };
  const texts = [...inner.body.querySelectorAll("h1, h2, p, label, button:enabled, select, output, .name")];
  const looks = {};
  for (const scheme of ["light", "dark"]) {
    inner.documentElement.style.colorScheme = scheme;
    await sleep(50);
    looks[scheme] = { ground: luminance(groundOf(inner.body)), contrast: Math.min(...texts.map(contrast)) };
  }
  const { scrollWidth } = inner.documentElement;
  frame.remove();
  return { ...looks, scrollWidth };
`;

interface Look {
  ground: number;
  contrast: number;
}

describeEach(
  async () => ({}),
  (visit, engine) => {
    // its driver hears no console, and these pages have no script that listens
    if (engine.name === "WebKit") return;
    describe("page", () => {
      it("learns, draws its loss and its answers, and stops", async () => {
        await visit("/examples/page/index.html?alone", async (page) => {
          const shown = (await act(
            page,
            `
            const output = find("output");
            await until(() => output.textContent.startsWith("completed"));
            const { data } = find("canvas").getContext("2d").getImageData(0, 0, 480, 480);
            const colors = new Set(new Uint32Array(data.buffer)).size;
            return { told: output.textContent, points: find("#curve").getAttribute("d").split("L").length, colors };
            `,
          )) as { told: string; points: number; colors: number };
          expect(Number(shown.told.match(/([\d.]+) % right/)?.[1])).toBeGreaterThan(95);
          expect(shown.points).toBe(400);
          expect(shown.colors).toBeGreaterThan(100);
          const stopped = await act(
            page,
            `
            find("#train").click();
            await until(() => find("output").textContent.startsWith("training"));
            find("#stop").click();
            await until(() => find("#stop").disabled);
            return find("output").textContent;
            `,
          );
          expect(stopped).toMatch(/^aborted: epoch \d+ of 400/);
        });
      });
    });

    describe("worker", () => {
      it("shows how far it is while the page lives, and reads digits", async () => {
        const told = (await visit("/examples/worker/index.html?alone", (page) =>
          act(
            page,
            `
            await until(() => find("#digits").childElementCount === 40);
            find("input").value = 30;
            find("#train").click();
            const [progress, turns] = [new Set(), []];
            while (!find("#told").textContent.startsWith("Completed")) {
              progress.add(find("progress").value);
              turns.push(performance.now());
              await sleep(5);
            }
            await until(() => find(".right"));
            const right = document.querySelectorAll("#digits .right").length;
            return { told: find("#told").textContent, progress: [...progress], turns: turns.length, right };
            `,
          ),
        )) as { told: string; progress: number[]; turns: number; right: number };
        expect(Number(told.told.match(/after 30 epochs: ([\d.]+) %/)?.[1])).toBeGreaterThan(94);
        expect(told.right).toBeGreaterThanOrEqual(36);
        expect(told.progress.length).toBeGreaterThan(4);
        expect(told.progress).toEqual([...told.progress].sort((a, b) => a - b));
        expect(told.turns).toBeGreaterThan(told.progress.length);
      });

      it("is cancelled, and trains again", async () => {
        const [cancelled, again] = (await visit("/examples/worker/index.html?alone", (page) =>
          act(
            page,
            `
            const told = find("#told");
            find("input").value = 10000;
            find("#train").click();
            await until(() => told.textContent.startsWith("Epoch"));
            find("#cancel").click();
            await until(() => told.textContent.startsWith("Cancelled"));
            const cancelled = told.textContent;
            find("input").value = 2;
            find("#train").click();
            await until(() => told.textContent.startsWith("Completed"));
            return [cancelled, told.textContent];
            `,
          ),
        )) as string[];
        expect(cancelled).toMatch(/^Cancelled after \d{1,4} epochs: /);
        expect(again).toMatch(/^Completed after 2 epochs: /);
      });
    });

    describe("gestures", () => {
      it("knows new gestures after three samples of each, also in the next visit", async () => {
        await visit("/examples/gestures/index.html?alone", async (page) => {
          const answers = (await act(
            page,
            `${GESTURES}
            for (let i = 0; i < 3; i++) {
              for (const name of Object.keys(shapes)) {
                draw(name);
                card(name).click();
                await learned();
              }
            }
            const answers = [];
            for (let i = 0; i < 10; i++) {
              for (const name of Object.keys(shapes)) {
                draw(name);
                answers.push([name, find("output").textContent, card(name).querySelector(".percent").textContent]);
              }
            }
            // the next visit, in a frame
            const frame = document.createElement("iframe");
            frame.src = location.href;
            document.body.append(frame);
            await until(() => frame.contentDocument.querySelectorAll("svg").length === 9);
            return answers;
            `,
          )) as string[][];
          expect(answers.filter(([drawn, answer]) => drawn === answer).length).toBeGreaterThanOrEqual(27);
          for (const [, , percent] of answers) expect(percent).toMatch(/^\d+ %$/);
        });
      });

      it("takes new labels, by keys too, and forgets", async () => {
        const shown = await visit("/examples/gestures/index.html?alone", (page) =>
          act(
            page,
            `${GESTURES}
            find("#forget").click();
            await learned();
            find("input").value = " loop ";
            find("form button").click();
            await learned();
            draw("circle");
            const enabled = !card("loop").disabled;
            dispatchEvent(new KeyboardEvent("keydown", { key: "4" }));
            await learned();
            const taught = card("loop").querySelectorAll("svg").length;
            card("line").nextSibling.click();
            await learned();
            const names = [...document.querySelectorAll(".name")].map((each) => each.textContent);
            find("#forget").click();
            await learned();
            return { enabled, taught, names, left: document.querySelectorAll("svg").length };
            `,
          ),
        );
        expect(shown).toEqual({ enabled: true, taught: 1, names: ["circle", "zigzag", "loop"], left: 0 });
      });
    });

    it.each(["page", "worker", "gestures"])(
      "%s fits a phone, and can be read in the light and in the dark",
      async (name) => {
        const looks = await visit(`/examples/${name}/index.html?alone`, (page) => act(page, LOOKS));
        const { light, dark, scrollWidth } = looks as { light: Look; dark: Look; scrollWidth: number };
        expect(scrollWidth).toBeLessThanOrEqual(NARROW);
        expect(light.ground).toBeGreaterThan(0.7);
        expect(dark.ground).toBeLessThan(0.1);
        // WCAG's AA
        expect(Math.min(light.contrast, dark.contrast)).toBeGreaterThanOrEqual(4.5);
      },
    );
  },
);
