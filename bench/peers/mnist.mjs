// MNIST as numbers, from its four files.

import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";

const CLASSES = 10;
/** Of the IDX headers, http://yann.lecun.com/exdb/mnist/ */
const HEADERS = { inputs: 16, targets: 8 };
const GZIP = 0x1f;

/** { training, test }, each { inputs, targets, labels }: pixels 0..1, one-hot rows, classes. */
export function readMnist({ training, test }) {
  return { training: readSet(training), test: readSet(test) };
}

function readSet(paths) {
  const labels = read(paths.targets).subarray(HEADERS.targets);
  const inputs = Float32Array.from(read(paths.inputs).subarray(HEADERS.inputs), (pixel) => pixel / 255);
  const targets = new Float32Array(labels.length * CLASSES);
  labels.forEach((label, row) => {
    targets[row * CLASSES + label] = 1;
  });
  return { inputs, targets, labels };
}

function read(path) {
  const bytes = readFileSync(path);
  return bytes[0] === GZIP ? gunzipSync(bytes) : bytes;
}
