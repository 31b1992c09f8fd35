// Runs test/kernels.test.ts in a page.

import { type File, startTests, type Task, type VitestRunner } from "@vitest/runner";
import { variants } from "../../kernel-binaries.js";

const runner: VitestRunner = {
  config: {
    root: "/",
    setupFiles: [],
    name: undefined,
    passWithNoTests: false,
    testNamePattern: undefined,
    allowOnly: false,
    sequence: { seed: 0, hooks: "stack", setupFiles: "list" },
    chaiConfig: undefined,
    maxConcurrency: 1,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    retry: 0,
    includeTaskLocation: false,
    tags: [],
    tagsFilter: undefined,
    strictTags: true,
  },
  importFile: () => import("../../kernels.test.js"),
};

export interface Report {
  variants: readonly string[];
  passed: number;
  /** Each with what it said. */
  failed: string[];
}

function report(task: Task, into: Report): void {
  for (const { message } of task.result?.errors ?? []) into.failed.push(`${task.name}: ${message}`);
  if (task.type === "test" && task.result?.state === "pass") into.passed += 1;
  if ("tasks" in task) for (const each of task.tasks) report(each, into);
}

/** Runs them all. */
export async function run(): Promise<Report> {
  const files: File[] = await startTests(["/test/kernels.test.ts"], runner);
  const counted: Report = { variants, passed: 0, failed: [] };
  for (const file of files) report(file, counted);
  return counted;
}
