// Stands for workers on many machines: takes as many jobs at a time, and only waits. Its results are no trainings.

import { Worker } from "bullmq";
import { Redis } from "ioredis";

const { connection, queue, concurrency, ms } = JSON.parse(process.argv[2]);
const redis = new Redis(connection, { maxRetriesPerRequest: null });
const wait = () => new Promise((resolve) => setTimeout(resolve, ms));
const worker = new Worker(
  queue,
  async ({ data: { key } }) => {
    await wait();
    return { key, status: "completed", evaluation: { loss: 1 }, epochs: 1, seconds: ms / 1000, parametersHash: key };
  },
  { connection: redis, prefix: "nablanet", concurrency },
);
await worker.waitUntilReady();
console.log("ready");
process.on("SIGTERM", async () => {
  await worker.close();
  redis.disconnect();
});
