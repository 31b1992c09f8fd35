// What is done seldom takes a fiftieth of the time at most, and is never done twice at once.

import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Seldom } from "../src/seldom.js";

let now = 0;
beforeEach(() => {
  now = 0;
  vi.spyOn(performance, "now").mockImplementation(() => now);
});
afterEach(() => vi.restoreAllMocks());

/** The times, of each millisecond up to `most`, at which something that takes so long is done. */
async function doneAt(seldom: Seldom, takes: number, most: number): Promise<number[]> {
  const times: number[] = [];
  while (now < most) {
    await seldom.do(() => {
      times.push(now);
      now += takes;
    });
    now += 1;
  }
  return times;
}

it("waits for so long at least, before the first time, too", async () => {
  expect(await doneAt(new Seldom(100), 1, 350)).toEqual([100, 201, 302]);
});

it("waits fifty times as long as it took", async () => {
  expect(await doneAt(new Seldom(100), 10, 1700)).toEqual([100, 610, 1120, 1630]);
});

it("isn't done while it is being done, nor for fifty times as long, and can be waited for", async () => {
  const seldom = new Seldom(0);
  let end = () => {};
  const act = vi.fn(
    () =>
      new Promise<void>((resolve) => {
        end = resolve;
      }),
  );
  const doAt = (time: number) => {
    now = time;
    void seldom.do(act);
    return act.mock.calls.length;
  };
  expect([doAt(0), doAt(5000)]).toEqual([1, 1]);
  now = 10_000;
  end();
  await seldom.done();
  expect([doAt(10_001), doAt(509_999), doAt(510_000)]).toEqual([1, 1, 2]);
});

it("throws what is thrown, and is done again", async () => {
  const seldom = new Seldom(0);
  const failing = () => {
    throw new Error("no room");
  };
  await expect(seldom.do(failing)).rejects.toThrow("no room");
  await expect(seldom.do(async () => failing())).rejects.toThrow("no room");
  expect(await doneAt(seldom, 1, 3)).toEqual([0]);
});
