// The whole of MNIST, where it is: the files are read right, and Nielsen's network gets as far as his book says.

import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { datasets, Network, Trainer } from "../../src/index.js";

const folder = process.env.MNIST_DIR ?? fileURLToPath(new URL("../../../shared/data/mnist", import.meta.url));
const found = existsSync(join(folder, "train-images-idx3-ubyte.gz"));
if (!found)
  console.warn(`the tests on MNIST are left out: no files in ${folder} (set MNIST_DIR to the folder that has them)`);

const load = (part: string, scale?: number) =>
  datasets.idx({
    inputs: join(folder, `${part}-images-idx3-ubyte.gz`),
    targets: join(folder, `${part}-labels-idx1-ubyte.gz`),
    ...(scale === undefined ? {} : { scale }),
  });

describe.runIf(found)("MNIST", () => {
  it("is read byte for byte", async () => {
    // the pixels of all 10,000 test images, without the file's header of 16 bytes
    const test = await load("t10k", 1);
    const pixels = createHash("md5");
    const header = Buffer.from([0, 0, 8, 3, 0, 0, 0x27, 0x10, 0, 0, 0, 28, 0, 0, 0, 28]);
    pixels.update(header);
    for (const { inputs } of test.batches(1000)) pixels.update(Uint8Array.from(inputs));
    expect(pixels.digest("hex")).toBe("2646ac647ad5339dbf082846283269ea");
    const labels = createHash("md5").update(Buffer.from([0, 0, 8, 1, 0, 0, 0x27, 0x10]));
    labels.update(Uint8Array.from(test, ({ label }) => label as number));
    expect(labels.digest("hex")).toBe("27ae3e4e09519cfbb04c329615203637");
  });

  it("is learnt as in Nielsen's book, chapter 1: about 95 % in the best of 30 epochs", async () => {
    const training = (await load("train")).take(50_000);
    const network = await Network.create({
      inputs: 784,
      layers: [30, 10].map((units) => ({
        units,
        activation: "sigmoid",
        initializer: "normal",
        biasInitializer: "normal",
      })),
      seed: 3,
    });
    const trainer = new Trainer(network, {
      loss: "quadratic",
      optimizer: { kind: "sgd", learningRate: 3 },
      batchSize: 10,
    });
    const { history } = await trainer.fit(training, { epochs: 30, validation: await load("t10k") });
    const accuracies = history.map(({ validationAccuracy }) => validationAccuracy as number);
    // the book's best is 95.42 %
    expect(Math.max(...accuracies)).toBeGreaterThan(0.945);
    expect(Math.max(...accuracies)).toBeLessThan(0.965);
  });
});
