// A fit as a message: all that it is, but for rows and callbacks.

import { absoluteWorkerUrl } from "../engine/platform.js";
import type { Fit } from "../fit.js";
import type { Job } from "./messages.js";
import { shapeOfData } from "./packed-rows.js";
import { readState } from "./training-state.js";

/** The fit as the worker is told of it. */
export function jobOf({ block, data, seed, progress, schedule, unlearned, options }: Fit): Job {
  const { engine, shape } = block.network;
  const { loss, labelSmoothing, weighedClasses, batchSize } = block.shape;
  // which may have been set since
  const optimizer = { ...block.shape.optimizer, learningRate: block.optimizer.learningRate };
  const { epochs, shuffle, earlyStopping, columns, validation } = options;
  return {
    variant: engine.variant,
    module: engine.kernels,
    workerUrl: absoluteWorkerUrl(),
    network: shape,
    trainer: { loss, labelSmoothing, weighedClasses, optimizer, batchSize },
    classWeights: block.classWeights,
    state: readState(block),
    seed,
    progress,
    schedule,
    unlearned,
    parts: { data: shapeOfData(data), validation: validation && shapeOfData(validation) },
    // the worker that was asked for is this one
    options: { epochs, shuffle, earlyStopping, columns, threads: options.threads === "worker" ? 1 : options.threads },
    asks: {
      onBatch: options.onBatch !== undefined,
      onEpoch: options.onEpoch !== undefined,
      measure: options.metrics !== undefined,
    },
  };
}
