// onnxruntime-web: WebAssembly, SIMD, one thread. It doesn't train.

import * as ort from "onnxruntime-web";
import { onnxModel } from "../onnx-model.mjs";
import { layersOf } from "../task.mjs";

export const packageName = "onnxruntime-web";

export default class OnnxRuntime {
  static async create(task) {
    ort.env.wasm.numThreads = 1;
    const session = await ort.InferenceSession.create(onnxModel(layersOf(task)), {
      executionProviders: ["wasm"],
      graphOptimizationLevel: "all",
    });
    return new OnnxRuntime(task.work, session);
  }

  constructor(work, session) {
    Object.assign(this, { work, session });
  }

  /** Its parameters are the first ones, always. */
  reset() {}

  async outputs(inputs) {
    const { inputs: width } = this.work;
    const { y } = await this.session.run({ x: new ort.Tensor("float32", inputs, [inputs.length / width, width]) });
    return y.data;
  }
}
