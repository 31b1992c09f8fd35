// MNIST as the sources used it.

import { datasets } from "nablanet";
import { findMnist } from "../demo/mnist-files.mjs";

/** Gives a run's training images and those it is judged by, or the path of the file that is missing. */
export function openMnist(folder) {
  const { files, missing } = findMnist(folder);
  if (missing !== undefined) return { missing };
  return {
    async mnist({ data: { images, scale }, judgedBy }) {
      const all = await datasets.idx({ ...files.training, scale });
      const judge = judgedBy === "test" ? await datasets.idx({ ...files.test, scale }) : all.skip(images);
      return { training: all.take(images), judge };
    },
  };
}
