// Where MNIST's files are: in the folder that MNIST_DIR names, else in ../shared/data/mnist beside the project.

import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const besideProject = fileURLToPath(new URL("../../shared/data/mnist", import.meta.url));

/** The files as datasets.idx takes them, or the path of the first that is missing. */
export function findMnist(folder = resolve(process.env.MNIST_DIR || besideProject)) {
  const paths = [
    "train-images-idx3-ubyte",
    "train-labels-idx1-ubyte",
    "t10k-images-idx3-ubyte",
    "t10k-labels-idx1-ubyte",
  ].map((name) => join(folder, name));
  const found = paths.map((path) => [`${path}.gz`, path].find(existsSync));
  const missing = found.indexOf(undefined);
  if (missing >= 0) return { missing: `${paths[missing]}.gz` };
  const [trainingInputs, trainingTargets, testInputs, testTargets] = found;
  return {
    files: {
      training: { inputs: trainingInputs, targets: trainingTargets },
      test: { inputs: testInputs, targets: testTargets },
    },
  };
}
