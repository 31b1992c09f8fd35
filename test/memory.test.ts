// The allocator against a plain model of it.

import fc from "fast-check";
import { expect, it } from "vitest";
import { Memory, OutOfMemoryError } from "../src/engine/memory.js";

it("hands out blocks that are aligned, within the memory and apart from each other, and joins what comes back", () => {
  const step = fc.oneof(
    fc.record({ kind: fc.constant("take" as const), bytes: fc.integer({ min: 0, max: 300_000 }) }),
    fc.record({ kind: fc.constant("give" as const), which: fc.nat() }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
      const memory = new Memory(false);
      memory.open(1000);
      const blocks: { start: number; end: number }[] = [];
      for (const step of steps) {
        if (step.kind === "take") {
          const start = memory.allocate(step.bytes);
          const end = start + step.bytes;
          expect(start % 64).toBe(0);
          expect(start).toBeGreaterThanOrEqual(1000);
          expect(end).toBeLessThanOrEqual(memory.memory.buffer.byteLength);
          for (const block of blocks) expect(end <= block.start || start >= block.end).toBe(true);
          blocks.push({ start, end: Math.max(end, start + 64) });
        } else if (blocks.length > 0) {
          const [block] = blocks.splice(step.which % blocks.length, 1);
          memory.free((block as { start: number }).start);
        }
      }
      for (const { start } of blocks) memory.free(start);
      expect(memory.used).toBe(0);
      // all of it is one gap again: nothing needs to grow for a block of the whole size
      const total = memory.memory.buffer.byteLength;
      memory.allocate(total - 1024);
      expect(memory.memory.buffer.byteLength).toBe(total);
    }),
  );
});

it("refuses what doesn't fit and goes on", () => {
  const memory = new Memory(false);
  memory.open(1000);
  expect(() => memory.allocate(2 ** 33)).toThrow(OutOfMemoryError);
  expect(memory.used).toBe(0);
  expect(memory.allocate(100)).toBe(1024);
  expect(() => memory.free(4)).toThrow("no block at 4");
});
