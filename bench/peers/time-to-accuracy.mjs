// Seconds of training until a network reads 97 % and 98 % of MNIST's test images. See README.md.

import { parseArgs } from "node:util";
import { findMnist } from "../../demo/mnist-files.mjs";
import { install } from "./install.mjs";

const usage = `usage: MNIST_DIR=/path/to/folder node bench/peers/time-to-accuracy.mjs [--only name,name] [--quick]`;

try {
  const options = { only: { type: "string", default: "" }, quick: { type: "boolean", default: false } };
  const { values } = parseArgs({ options });
  const { files, missing } = findMnist();
  if (missing) throw new RangeError(`this file of MNIST isn't there: ${missing}`);
  install();
  // what this loads is there only now
  const { measureAccuracy } = await import("./accuracy.mjs");
  await measureAccuracy(files, { ...values, only: values.only.split(",").filter((name) => name !== "") });
} catch (error) {
  const misused = error instanceof RangeError || error.code?.startsWith("ERR_PARSE_ARGS");
  console.error(misused ? `${error.message}\n\n${usage}` : error);
  process.exitCode = misused ? 2 : 1;
}
