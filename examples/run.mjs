// Starts one of the examples: `npm run example NAME`, in a clone of this repository.

import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

const programs = {
  page: ["serve.mjs", "page"],
  worker: ["serve.mjs", "worker"],
  gestures: ["serve.mjs", "gestures"],
  "node-csv": ["node-csv/train.mjs"],
  "http-service": ["http-service/server.mjs"],
  edge: ["edge/start.mjs"],
};

const [name, ...rest] = process.argv.slice(2);
if (!Object.hasOwn(programs, name ?? "")) {
  console.error(`usage: npm run example NAME, one of ${Object.keys(programs).join(", ")}`);
  process.exit(2);
}
const [program, ...args] = programs[name];
const path = fileURLToPath(new URL(program, import.meta.url));
const child = spawn(process.execPath, [path, ...args, ...rest], { stdio: "inherit" });
// the terminal interrupts both; the program decides when it has ended
process.on("SIGINT", () => {});
process.on("SIGTERM", () => child.kill("SIGTERM"));
child.on("exit", (code) => process.exit(code ?? 1));
