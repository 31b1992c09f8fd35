// Ctrl-C, and what goes on from there.

import type { ChildProcess } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { afterAll, expect, it } from "vitest";
import { CommandLine, type Ended, ended, regressionCsv } from "../command-line.js";

const cli = new CommandLine();
cli.write("reg.csv", regressionCsv(400));
afterAll(() => cli.remove());

const EPOCHS = 4000;
const train = `train reg.csv --target y --epochs ${EPOCHS} --patience ${EPOCHS} --dropout 0.1`;

/** Sends SIGINT once the process has said something of its work. */
async function interrupted(child: ChildProcess, said: string): Promise<Ended> {
  const end = ended(child);
  await new Promise<void>((resolve) => {
    child.stderr?.on("data", (text: string) => {
      if (text.includes(said)) resolve();
    });
  });
  child.kill("SIGINT");
  return end;
}

/** Waits until it is so. */
async function found(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 1));
}

it("goes on from a checkpoint to the bytes of a training that nothing interrupted", async () => {
  const [whole, first] = await Promise.all([
    cli.run(`${train} -o whole.nabla --json`),
    interrupted(cli.start(`${train} -o cut.nabla --json`), "epoch"),
  ]);
  expect([whole.code, first.code]).toEqual([0, 130]);
  expect(first.stderr).toMatch(/Interrupted after \d+ of 4000 epochs\. .*--resume goes on: cut\.nabla\.checkpoint\n$/);
  expect(JSON.parse(first.stdout)).toMatchObject({ status: "aborted", checkpoint: "cut.nabla.checkpoint" });
  expect(existsSync(cli.path("cut.nabla"))).toBe(false);

  // by other options it isn't the same training
  const checkpoint = readFileSync(cli.path("cut.nabla.checkpoint"));
  const other = await cli.run(`${train} -o cut.nabla --resume --layers 5 --learning-rate 0.1 -q`);
  expect([other.code, other.stderr]).toEqual([
    2,
    "nablanet: --resume needs the options of the interrupted training, got other ones for layers, optimizer (cut.nabla.checkpoint)\n",
  ]);
  expect(readFileSync(cli.path("cut.nabla.checkpoint"))).toEqual(checkpoint);

  const resumed = await cli.run(`${train} -o cut.nabla --resume --json`);
  expect(resumed.code).toBe(0);
  const { epochs } = JSON.parse(first.stdout);
  expect(resumed.stderr).toMatch(new RegExp(`held out; .*\\nepoch +${epochs + 1}/${EPOCHS} `));
  expect(readFileSync(cli.path("cut.nabla"))).toEqual(readFileSync(cli.path("whole.nabla")));
  const [a, b] = [whole, resumed].map(({ stdout }) => JSON.parse(stdout));
  expect([b.epochs, b.best, b.heldOut]).toEqual([EPOCHS, a.best, a.heldOut]);
  expect(existsSync(cli.path("cut.nabla.checkpoint"))).toBe(false);
});

it("keeps a checkpoint that was asked for, to train for more epochs", async () => {
  const args = "train reg.csv --target y -q -o more.nabla --checkpoint kept";
  await cli.run(`${args} --epochs 10`);
  const [more, straight] = [
    await cli.run(`${args} --epochs 20 --resume --json`),
    await cli.run("train reg.csv --target y -q -o straight.nabla --epochs 20 --json"),
  ];
  expect(JSON.parse(more.stdout).history).toHaveLength(20);
  expect(JSON.parse(more.stdout).heldOut).toEqual(JSON.parse(straight.stdout).heldOut);
  expect(readFileSync(cli.path("more.nabla"))).toEqual(readFileSync(cli.path("straight.nabla")));
  writeFileSync(cli.path("kept"), "no checkpoint");
  const damaged = await cli.run(`${args} --epochs 30 --resume`);
  expect([damaged.code, damaged.stderr]).toEqual([1, expect.stringMatching(/^nablanet: .*checkpoint.*\n$/)]);
});

it("ends a search that is interrupted without a model", async () => {
  const child = cli.start("search reg.csv --target y --trials 500 --epochs 100 --patience 0 -o none.nabla");
  const { code, stderr } = await interrupted(child, "/500");
  expect([code, stderr]).toEqual([
    130,
    expect.stringMatching(/Interrupted after \d+ of 500 trials.*No model was written\.\n$/),
  ]);
  expect(existsSync(cli.path("none.nabla"))).toBe(false);
});

it("ends at once at the second Ctrl-C, and leaves whole files", async () => {
  // a checkpoint of 200 MB, which takes its time to be written
  const large = "train reg.csv --target y --layers 4096,4096 --batch-size 8 --epochs 1000 --patience 0 -o large.nabla";
  writeFileSync(cli.path("large.nabla"), "the model before");
  writeFileSync(cli.path("large.nabla.checkpoint"), "the checkpoint before");
  const child = cli.start(large);
  const end = interrupted(child, "4096");
  await found(() => readdirSync(cli.folder).some((name) => name.endsWith(".draft")));
  child.kill("SIGINT");
  const { code, stderr, stdout } = await end;
  expect([code, stdout]).toEqual([130, ""]);
  expect(stderr).not.toContain("Interrupted after");
  expect(readFileSync(cli.path("large.nabla"), "utf8")).toBe("the model before");
  expect(readFileSync(cli.path("large.nabla.checkpoint"), "utf8")).toBe("the checkpoint before");
});

it("leaves nothing of standard input behind", async () => {
  const temporary = cli.path("temporary");
  mkdirSync(temporary);
  const child = cli.start("train - --target y -o stdin.nabla", { TMPDIR: temporary });
  const end = ended(child);
  child.stdin?.write("x,y\n1,2\n");
  const kept = () => readdirSync(temporary, { recursive: true }).map(String);
  await found(() => kept().some((name) => name.endsWith("stdin")));
  child.kill("SIGINT");
  expect(await end).toEqual({ code: 130, stdout: "", stderr: "" });
  expect(kept()).toEqual([]);
});
