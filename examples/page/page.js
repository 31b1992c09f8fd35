// Trains a network in this page, and draws how it goes.

// as a page of its own would have it: import { … } from "https://cdn.jsdelivr.net/npm/nablanet/dist/nablanet.min.js"
import { datasets, Network, Trainer } from "../../dist/nablanet.min.js";
import { drawAnswers } from "./picture.js";

const EPOCHS = 400;
const CLASSES = 3;
const MILLISECONDS_A_PICTURE = 30;

const [select, canvas, output] = ["select", "canvas", "output"].map((name) => document.querySelector(name));
const [train, stop, curve] = ["train", "stop", "curve"].map((id) => document.getElementById(id));

const made = {
  spirals: (seed) => datasets.spirals({ samples: 360, classes: CLASSES, turns: 1, seed }),
  moons: (seed) => datasets.moons({ samples: 360, noise: 0.12, seed }),
  circles: (seed) => datasets.circles({ samples: 360, seed }),
};

let seed = 0;
let controller = new AbortController();

async function start() {
  controller.abort();
  controller = new AbortController();
  const { signal } = controller;
  seed += 1;
  const data = made[select.value](seed);
  const network = await Network.create({
    inputs: 2,
    layers: [
      { units: 24, activation: "tanh" },
      { units: 24, activation: "tanh" },
      { units: data.outputSize, activation: "softmax" },
    ],
    seed,
  });
  const trainer = new Trainer(network, { optimizer: { kind: "adam", learningRate: 0.01 } });
  stop.disabled = false;
  output.setAttribute("aria-busy", "true");
  const rows = [];
  let drawn = 0;
  const { status } = await trainer.fit(data, {
    epochs: EPOCHS,
    signal,
    onEpoch(row) {
      rows.push(row);
      // between epochs the page gets its turn; a picture for each of them would only cost time
      if (performance.now() - drawn < MILLISECONDS_A_PICTURE) return;
      show(network, data, rows);
      drawn = performance.now();
    },
  });
  // another one was started meanwhile
  if (signal !== controller.signal) return;
  show(network, data, rows, status);
  stop.disabled = true;
  output.removeAttribute("aria-busy");
}

function show(network, data, rows, status = "training") {
  drawAnswers(canvas, network, data);
  const highest = Math.max(...rows.map(({ loss }) => loss));
  const points = rows.map(({ epoch, loss }) => `${(300 * epoch) / EPOCHS} ${158 - (154 * loss) / highest}`);
  curve.setAttribute("d", points.length > 1 ? `M${points.join("L")}` : "");
  const last = rows.at(-1);
  if (last === undefined) return;
  const right = `${(100 * last.accuracy).toFixed(1)} % right`;
  output.textContent = `${status}: epoch ${last.epoch} of ${EPOCHS}\nloss ${last.loss.toFixed(4)}, ${right}`;
}

train.onclick = start;
select.onchange = start;
stop.onclick = () => controller.abort();
start();
