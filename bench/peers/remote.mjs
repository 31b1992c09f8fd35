// A contestant as the benchmark sees it: a process of its own that is called, one call at a time.

import { fork, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/** Debian's own, which is the one that its packages python3-torch and python3-sklearn serve. */
const PYTHON = "/usr/bin/python3";

/** One thread; and threads that wait do so asleep, as those that spin take the cores from others. */
const environment = { OMP_NUM_THREADS: "1", OPENBLAS_NUM_THREADS: "1", OMP_WAIT_POLICY: "PASSIVE" };
/** Choices that some machines make for old OpenBLAS builds, and that slow a current one. */
const { OPENBLAS_CORETYPE: _core, OPENBLAS_L2_SIZE: _cache, ...inherited } = process.env;

export class Remote {
  #child;
  #answers;
  #send;

  /** Starts a contestant of the roster. */
  constructor({ name, module, python = false, threads = 1, least = 0 }) {
    this.name = name;
    this.threads = threads;
    this.least = least;
    const env = { ...inherited, ...environment };
    if (python) this.#startPython(module, env);
    else this.#startNode(module, env);
    this.gone = new Promise((resolve) => {
      this.#child.once("error", ({ message }) => resolve({ error: message }));
      this.#child.once("close", (code, signal) =>
        resolve({ error: this.#lastWords() || `ended by ${signal ?? code}` }),
      );
    });
  }

  #startNode(module, env) {
    const program = fileURLToPath(new URL("child.mjs", import.meta.url));
    this.#child = fork(program, [module], {
      env,
      serialization: "advanced",
      stdio: ["ignore", "ignore", "pipe", "ipc"],
    });
    this.#keepErrors();
    this.#send = (message) => this.#child.send(message);
    this.#answers = async () => (await once(this.#child, "message"))[0];
  }

  #startPython(module, env) {
    const program = fileURLToPath(new URL("child.py", import.meta.url));
    this.#child = spawn(PYTHON, ["-W", "ignore", program, module], { env, stdio: ["pipe", "pipe", "pipe"] });
    this.#child.stdin.on("error", () => {});
    this.#keepErrors();
    const lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
    this.#send = (message) => this.#child.stdin.write(`${JSON.stringify(message)}\n`);
    this.#answers = async () => {
      const { value, done } = await lines.next();
      return done ? this.gone : JSON.parse(value);
    };
  }

  #keepErrors() {
    this.complaints = "";
    this.#child.stderr.on("data", (text) => {
      this.complaints = (this.complaints + text).slice(-2000);
    });
  }

  /** Of a process that died, the last line of what it complained about. */
  #lastWords() {
    return this.complaints.trim().split("\n").at(-1);
  }

  async #call(call, argument = null) {
    this.#send({ call, argument });
    const { answer, error } = await Promise.race([this.#answers(), this.gone]);
    if (error !== undefined) throw new Error(`${call}: ${error}`);
    return answer;
  }

  /** Loads a staged work. Sets what the contestant says of itself: `version`, `differs`, `batchSize` and `loss`. */
  async prepare(task) {
    Object.assign(this, { differs: undefined }, await this.#call("prepare", { ...task, threads: this.threads }));
  }

  /** Back to the first parameters, or to others, and a new optimizer. */
  reset(start) {
    return this.#call("reset", start && Array.from(start));
  }

  /** Seconds. { epochs, rows, shuffled } */
  train(amount) {
    return this.#call("train", { shuffled: true, ...amount });
  }

  async outputs(which) {
    return Float32Array.from(await this.#call("outputs", which));
  }

  /** Seconds. { batch, calls } */
  predict(amount) {
    return this.#call("predict", amount);
  }

  async dispose() {
    this.#child.kill();
    await this.gone;
  }
}
