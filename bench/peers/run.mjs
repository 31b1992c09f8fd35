// nablanet against other libraries, in one run on one machine: training, inference, a small network, scaling. See README.md.

import { parseArgs } from "node:util";
import { install } from "./install.mjs";

const usage = `usage: node bench/peers/run.mjs [A B C D] [--only name,name] [--quick] [--full]

  A B C D   only the training and the inference of these works
  --only    only these contestants (and nablanet): pytorch scikit_learn jax-js tfjs-wasm tfjs-cpu
            convnet brain synaptic onnxruntime
  --quick   three repetitions, short ones
  --full    10,000 steps of SimpleChains' example instead of 1,000`;

function readArguments() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      only: { type: "string", default: "" },
      quick: { type: "boolean", default: false },
      full: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  return { ...values, names: positionals, only: values.only.split(",").filter((name) => name !== "") };
}

try {
  const options = readArguments();
  if (options.help) {
    console.log(usage);
  } else {
    install();
    // what these load is there only now
    const { measure } = await import("./measure.mjs");
    await measure(options);
  }
} catch (error) {
  const misused = error instanceof RangeError || error.code?.startsWith("ERR_PARSE_ARGS");
  console.error(misused ? `${error.message}\n\n${usage}` : error);
  process.exitCode = misused ? 2 : 1;
}
