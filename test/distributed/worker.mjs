// A worker as a program: says on stdout when it is ready, and the key of each trial that it trained.

import { startWorker } from "nablanet/backends";

const worker = await startWorker({
  ...JSON.parse(process.argv[2]),
  concurrency: 1,
  onResult: ({ key }) => console.log(key),
  onError: ({ message }) => console.error(message),
});
console.log("ready");
process.on("SIGTERM", () => worker.close());
