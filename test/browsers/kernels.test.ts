// The kernel tests (test/kernels.test.ts) in each browser: the same file, run by a page.

import { expect, it } from "vitest";
import { describeEach } from "./each.js";
import { bundleKernelTests } from "./kernel-tests.js";
import type { Report } from "./page/kernel-tests.js";
import { PAGE } from "./site.js";

describeEach(
  async () => ({ "/kernel-tests.js": await bundleKernelTests() }),
  (visit, engine) => {
    it("computes as float64 does, within the kernels' tolerances", async ({ annotate }) => {
      const report = (await visit(PAGE, (page) =>
        page.evaluate(`(async () => (await import("/kernel-tests.js")).run())()`),
      )) as Report;
      annotate(`${report.passed} tests of ${report.variants.join(", ")}`);
      expect(report.failed).toEqual([]);
      expect(report.variants).toEqual(engine.fused ? ["simd", "relaxed"] : ["simd"]);
      // what a page counts as passed, it has run
      expect(report.passed).toBeGreaterThan(100 * report.variants.length);
    });
  },
);
