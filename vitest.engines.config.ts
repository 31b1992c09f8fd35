import { defineConfig } from "vitest/config";

export default defineConfig({
  test: { include: ["test/engines/*.test.ts"], testTimeout: 120_000, hookTimeout: 240_000 },
});
