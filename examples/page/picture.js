// Draws a network's answers all over the plane, and the samples above them.

const CELLS = 96;
const COLORS = [
  [59, 110, 220],
  [240, 140, 50],
  [40, 165, 120],
];

/** How far the picture reaches, in what the samples do. */
const MARGIN = 1.15;
const places = new Float32Array(CELLS * CELLS * 2);
const pixels = new OffscreenCanvas(CELLS, CELLS);

export function drawAnswers(canvas, network, data) {
  const { middle, span } = extentOf(data);
  for (let i = 0; i < CELLS * CELLS; i++) {
    places[2 * i] = middle[0] + span * (((i % CELLS) + 0.5) / (CELLS / 2) - 1);
    places[2 * i + 1] = middle[1] + span * (1 - (Math.floor(i / CELLS) + 0.5) / (CELLS / 2));
  }
  const pen = canvas.getContext("2d");
  pixels.getContext("2d").putImageData(imageOf(network.predict(places), network.outputs), 0, 0);
  pen.imageSmoothingQuality = "high";
  pen.drawImage(pixels, 0, 0, canvas.width, canvas.height);
  drawSamples(pen, data, middle, span);
}

/** Each place has the mean of the classes' colors, as likely as each is. */
function imageOf(probabilities, classes) {
  const image = new ImageData(CELLS, CELLS);
  for (let i = 0; i < CELLS * CELLS; i++) {
    for (let channel = 0; channel < 3; channel++) {
      let sum = 0;
      for (let c = 0; c < classes; c++) sum += probabilities[i * classes + c] * COLORS[c][channel];
      image.data[4 * i + channel] = 255 - 0.55 * (255 - sum);
    }
    image.data[4 * i + 3] = 255;
  }
  return image;
}

function drawSamples(pen, data, [x, y], span) {
  const { width } = pen.canvas;
  pen.lineWidth = width / 320;
  pen.strokeStyle = "white";
  for (let i = 0; i < data.length; i++) {
    const { input, label } = data.sample(i);
    pen.fillStyle = `rgb(${COLORS[label]})`;
    pen.beginPath();
    pen.arc((width / 2) * (1 + (input[0] - x) / span), (width / 2) * (1 - (input[1] - y) / span), width / 110, 0, 7);
    pen.fill();
    pen.stroke();
  }
}

/** The middle of all samples, and how far to each side the picture reaches. */
function extentOf(data) {
  const samples = Array.from({ length: data.length }, (_, i) => data.sample(i).input);
  const [across, up] = [0, 1].map((axis) => samples.map((input) => input[axis]));
  const ranges = [across, up].map((each) => [Math.min(...each), Math.max(...each)]);
  return {
    middle: ranges.map(([least, most]) => (least + most) / 2),
    span: MARGIN * Math.max(...ranges.map(([least, most]) => (most - least) / 2)),
  };
}
