// TensorFlow.js on its WebAssembly backend, SIMD, one thread (in Node it has no more).

import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { TensorFlow, tf } from "./tfjs.mjs";

export const packageName = "@tensorflow/tfjs-backend-wasm";

const require = createRequire(import.meta.url);
const backend = require(packageName);

export default {
  async create(task) {
    backend.setWasmPaths(join(dirname(require.resolve(packageName)), "/"));
    backend.setThreadsCount(1);
    await tf.setBackend("wasm");
    return new TensorFlow(task, true);
  },
};
