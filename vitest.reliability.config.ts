import { defineConfig } from "vitest/config";

/** What docs/reliability.md tells: short by itself, and as long as API_CALLS, KILLS, SOAK_MINUTES and the like say. */
export default defineConfig({
  test: {
    include: ["test/reliability/*.test.ts"],
    pool: "forks",
    // several threads at once, and a clock that runs while they work
    fileParallelism: false,
    execArgv: ["--expose-gc"],
    testTimeout: 3_600_000,
    hookTimeout: 120_000,
  },
});
