import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/*.test.ts"],
    pool: "forks",
    // all processors: left alone, it would leave one of two idle
    maxWorkers: "100%",
    execArgv: ["--expose-gc"],
    testTimeout: 60_000,
  },
});
