// TensorFlow.js on its plain JavaScript backend.

import { TensorFlow, tf } from "./tfjs.mjs";

export const packageName = "@tensorflow/tfjs";

export default {
  async create(task) {
    await tf.setBackend("cpu");
    return new TensorFlow(task, false);
  },
};
