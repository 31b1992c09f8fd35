// The page: starts the worker, shows its progress, and lets the network that comes back read digits.

import { Network } from "../../dist/nablanet.min.js";
import { split } from "./digits.js";

const SHOWN = 40;

const [form, epochs, progress] = ["form", "input", "progress"].map((name) => document.querySelector(name));
const [train, cancel, frames, told, digits] = ["train", "cancel", "frames", "told", "digits"].map((id) =>
  document.getElementById(id),
);

const worker = new Worker(new URL("./training.js", import.meta.url), { type: "module" });
worker.onmessage = ({ data: message }) => (message.kind === "progress" ? showProgress(message) : showTrained(message));
worker.onerror = ({ message }) => {
  told.textContent = `The worker failed: ${message}`;
  setRunning(false);
};

form.onsubmit = (event) => {
  event.preventDefault();
  setRunning(true);
  told.textContent = "Starting …";
  worker.postMessage({ kind: "train", epochs: epochs.valueAsNumber });
};
cancel.onclick = () => worker.postMessage({ kind: "cancel" });

function setRunning(running) {
  train.disabled = running;
  cancel.disabled = !running;
}

function showProgress({ epoch, done, loss }) {
  progress.value = done;
  told.textContent = `Epoch ${epoch}, loss ${loss.toFixed(4)}`;
}

async function showTrained({ status, epochs, accuracy, model }) {
  setRunning(false);
  const network = await Network.load(model);
  const right = `${(100 * accuracy).toFixed(1)} % of 360 held-out digits right`;
  told.textContent = `${status === "aborted" ? "Cancelled" : "Completed"} after ${epochs} epochs: ${right}`;
  const [, test] = await split();
  for (const [i, item] of [...digits.children].entries()) {
    const { input, label } = test.sample(i);
    const probabilities = network.predict(input);
    const answer = probabilities.indexOf(Math.max(...probabilities));
    item.lastChild.textContent = answer === label ? answer : `${answer}, is ${label}`;
    item.className = answer === label ? "right" : "wrong";
  }
  network.dispose();
}

/** Pictures of 8×8 numbers, 0 for paper to 1 for ink. */
async function showDigits() {
  const [, test] = await split();
  for (let i = 0; i < SHOWN; i++) {
    const canvas = Object.assign(document.createElement("canvas"), { width: 8, height: 8 });
    const image = new ImageData(8, 8);
    test.sample(i).input.forEach((ink, pixel) => {
      image.data.set([0, 0, 0].fill(255 * (1 - ink)), 4 * pixel);
      image.data[4 * pixel + 3] = 255;
    });
    canvas.getContext("2d").putImageData(image, 0, 0);
    const item = document.createElement("li");
    item.append(canvas, document.createTextNode("?"));
    digits.append(item);
  }
}

/** How many frames the page drew in the last second: as many while it trains. */
function countFrames(count = 0, since = performance.now()) {
  requestAnimationFrame((now) => {
    if (now - since < 1000) return countFrames(count + 1, since);
    frames.textContent = `${count + 1} frames a second`;
    countFrames();
  });
}

showDigits();
countFrames();
