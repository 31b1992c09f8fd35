// Training speed as an SVG: a panel a work, a dot a contestant, on a logarithmic scale.

import { parse, View } from "vega";
import { compile } from "vega-lite";
import { significant } from "../report.mjs";

const WIDTH = 260;
const ROW_HEIGHT = 19;
const COLUMNS = 2;
const HIGHLIGHT = "#c2410c";
const OTHERS = "#57606a";
/** A card of its own colour, as an image in a page can't know whether the page is dark. */
const BACKGROUND = "#ffffff";
const INK = "#24292f";

/** From peers.json. */
export async function plot({ training }) {
  const order = namesBySpeed(training);
  const specification = {
    background: BACKGROUND,
    padding: 16,
    title: {
      text: "Training, samples per second",
      subtitle: "logarithmic: a line is ten times the one to its left · * differs, as the table's notes say",
      anchor: "start",
      offset: 12,
    },
    columns: COLUMNS,
    spacing: { row: 24, column: 28 },
    concat: training.map((work) => panel(work, order)),
    config: {
      font: "-apple-system, BlinkMacSystemFont, Segoe UI, Helvetica, Arial, sans-serif",
      view: { stroke: null },
      title: { fontSize: 15, subtitleFontSize: 11.5, color: INK, subtitleColor: OTHERS, subtitlePadding: 6 },
      axis: { labelColor: INK, labelFontSize: 11.5, domain: false, ticks: false, gridColor: "#d8dee4" },
    },
  };
  return new View(parse(compile(specification).spec), { renderer: "none" }).toSVG();
}

/** All panels have the same rows, fastest first as the mean of the works has it, so that one reads across. */
function namesBySpeed(training) {
  const speeds = new Map();
  for (const { contenders } of training) {
    for (const { name, samplesPerSecond } of contenders) {
      speeds.set(name, (speeds.get(name) ?? 0) + Math.log(samplesPerSecond.median) / training.length);
    }
  }
  return [...speeds].sort(([, a], [, b]) => b - a).map(([name]) => name);
}

function panel({ work, shape, training, contenders }, order) {
  const values = contenders.map(({ name, samplesPerSecond: { median, least, most }, differs }) => {
    return {
      name,
      median,
      least,
      most,
      told: short(median) + (differs ? " *" : ""),
      ours: name.startsWith("nablanet"),
    };
  });
  const x = speedAxis(values);
  const y = nameAxis(order);
  const color = { condition: { test: "datum.ours", value: HIGHLIGHT }, value: OTHERS };
  const layer = (mark, encoding) => ({ mark, encoding: { y, color, ...encoding } });
  return {
    title: { text: `${work}: ${shape}`, subtitle: training, anchor: "start", fontSize: 12.5, subtitleFontSize: 10.5 },
    width: WIDTH,
    height: order.length * ROW_HEIGHT,
    data: { values },
    layer: [
      layer({ type: "rule", strokeWidth: 4, opacity: 0.35 }, { x: x("least"), x2: { field: "most" } }),
      layer({ type: "point", filled: true, size: 70, opacity: 1 }, { x: x("median") }),
      layer({ type: "text", align: "left", dx: 9, fontSize: 10.5 }, { x: x("median"), text: { field: "told" } }),
    ],
  };
}

/** Whole decades, with room for the number beside the farthest dot. */
function speedAxis(values) {
  const first = Math.floor(Math.log10(Math.min(...values.map(({ least }) => least))));
  const last = Math.ceil(Math.log10(3 * Math.max(...values.map(({ most }) => most))));
  const decades = Array.from({ length: last - first + 1 }, (_, i) => 10 ** (first + i));
  const scale = { type: "log", domain: [decades[0], decades.at(-1)], nice: false };
  const axis = { values: decades, format: "~s", labelColor: OTHERS };
  return (field) => ({ field, type: "quantitative", scale, axis, title: null });
}

function nameAxis(order) {
  const test = "indexof(datum.value, 'nablanet') === 0";
  const axis = {
    grid: true,
    gridDash: [1, 3],
    labelFontWeight: { condition: { test, value: "bold" }, value: "normal" },
    labelColor: { condition: { test, value: HIGHLIGHT }, value: INK },
  };
  return { field: "name", type: "nominal", sort: order, scale: { domain: order }, title: null, axis };
}

/** Such as "97.3k", as the axis has it. */
function short(value) {
  return significant(value).replace("K", "k");
}
