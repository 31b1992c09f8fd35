// Draw, say what it was, and draw again: pad, list and recogniser, put together.

import { LabelList } from "./label-list.js";
import { Pad } from "./pad.js";
import { Recogniser } from "./recogniser.js";
import { firstSamples, loadSamples, saveSamples } from "./samples.js";
import { lengthOf, normalized, SHORTEST } from "./stroke.js";

const [canvas, output, form, name] = ["canvas", "output", "form", "input"].map((each) => document.querySelector(each));
const hint = document.getElementById("hint");

let samples = loadSamples();
/** The last stroke, until it is taught. */
let stroke;

const recogniser = new Recogniser();
const pad = new Pad(canvas, { moved: showAnswer, ended });
const list = new LabelList(document.getElementById("labels"), { taught: teach, removed: remove });

function showAnswer(points) {
  const probabilities = lengthOf(points) < SHORTEST ? undefined : recogniser.recognise(normalized(points));
  list.showProbabilities(probabilities);
  const [best, probability] = [...(probabilities ?? [])].reduce((a, b) => (b[1] > a[1] ? b : a), ["", 0]);
  output.textContent = best;
  // the ink takes the color of what it is taken for, the surer the more
  const color = best === "" ? "var(--ink)" : list.colorOf(best);
  output.style.color = color;
  canvas.style.color = `color-mix(in oklab, ${color} ${Math.round(100 * probability)}%, var(--ink))`;
  pad.draw();
}

function ended(points) {
  stroke = lengthOf(points) < SHORTEST ? undefined : normalized(points);
  if (stroke === undefined) clear();
  else tell();
}

function teach(label) {
  samples.get(label).push(stroke);
  clear();
  learn();
}

function remove(label) {
  samples.delete(label);
  learn();
}

form.onsubmit = (event) => {
  event.preventDefault();
  const label = name.value.trim();
  if (label === "" || samples.has(label)) return;
  samples.set(label, []);
  name.value = "";
  learn();
};

document.getElementById("forget").onclick = () => {
  samples = firstSamples();
  clear();
  learn();
};

// numbers teach, too: 1 the first label
window.addEventListener("keydown", ({ key, target }) => {
  const label = [...samples.keys()][Number(key) - 1];
  if (target !== name && stroke !== undefined && label !== undefined) teach(label);
});

function clear() {
  stroke = undefined;
  pad.clear();
  showAnswer([]);
  tell();
}

async function learn() {
  saveSamples(samples);
  list.show(samples);
  canvas.setAttribute("aria-busy", "true");
  const current = samples;
  const counted = countOf(samples);
  await recogniser.learn(samples);
  if (current !== samples || counted !== countOf(samples)) return;
  canvas.removeAttribute("aria-busy");
  // what is on the pad may be something else by now
  showAnswer(pad.points);
  tell();
}

function countOf(all) {
  return [...all].map(([label, strokes]) => `${label} ${strokes.length}`).join();
}

function tell() {
  list.teachable = stroke !== undefined;
  const known = [...samples.values()].filter((strokes) => strokes.length > 0).length;
  if (stroke !== undefined)
    hint.textContent = known < 2 ? "What was this? Choose its name." : "Right? Choose its name, or go on.";
  else if (known === 0) hint.textContent = "Draw a circle, a line, or whatever you like";
  else hint.textContent = known === 1 ? "Now something else, to tell it from" : "Draw, and see what it is taken for";
}

learn();
