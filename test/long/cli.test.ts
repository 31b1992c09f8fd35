// The command line: each command on real files, in processes of its own.

import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { rowNumbers } from "../../src/cli/row-numbers.js";
import { type ClassAnswer, metrics, Network, type Row } from "../../src/index.js";
import { readTable } from "../../src/tables.js";
import { CommandLine, ended, regressionCsv } from "../command-line.js";

interface Trained {
  network: { layers: object[] };
  heldOut: { confusionMatrix: number[][]; accuracy: number; loss: number };
  history: { validationLoss: number }[];
  best: { value: number };
}

const cli = new CommandLine();
const iris = readFileSync(cli.path("iris.csv"), "utf8").trim().split("\n");
const names = (iris[0] as string).split(",");

/** A line of iris.csv by the columns' names. */
const rowOf = (line: string): Row => Object.fromEntries(line.split(",").map((cell, i) => [names[i], cell]));

/** What `train --json` said of iris.csv. */
let trained: Trained;

beforeAll(async () => {
  cli.write("reg.csv", regressionCsv(400));
  const { code, stdout, stderr } = await cli.run("train iris.csv --target species --json --quiet");
  expect([code, stderr]).toEqual([0, ""]);
  trained = JSON.parse(stdout);
});
afterAll(() => cli.remove());

describe("train", () => {
  it("splits, scales, stops and writes a model that knows the table", async () => {
    expect(trained).toMatchObject({ model: "iris.nabla", rows: { training: 120, heldOut: 30 }, loss: "crossEntropy" });
    expect(trained.network.layers).toEqual([
      { units: 16, activation: "relu", dropout: 0 },
      { units: 3, activation: "softmax", dropout: 0 },
    ]);
    // stratified: as many of each class
    expect(trained.heldOut.confusionMatrix.map((row) => row.reduce((a, b) => a + b))).toEqual([10, 10, 10]);
    expect(trained.heldOut.accuracy).toBeGreaterThanOrEqual(0.9);
    const least = Math.min(...trained.history.map(({ validationLoss }) => validationLoss));
    expect(trained.best.value).toBe(least);
    expect(trained.heldOut.loss).toBeCloseTo(least, 12);
    const network = await Network.load(cli.path("iris.nabla"));
    expect(network.normalize).toMatchObject({ kind: "standard" });
    expect(network.predictRow(rowOf(iris[1] as string))).toMatchObject({ label: "setosa" });
  });

  it("gives the same model for the same seed, and another one for another", async () => {
    await Promise.all([
      cli.run("train iris.csv --target species -q -o same.nabla"),
      cli.run("train iris.csv --target species -q -o other.nabla --seed 2"),
    ]);
    const [first, same, other] = ["iris", "same", "other"].map((name) => readFileSync(cli.path(`${name}.nabla`)));
    expect(same).toEqual(first);
    expect(other).not.toEqual(first);
  });

  it("tells people what came of it on stdout, and how it went on stderr", async () => {
    const { code, stdout, stderr } = await cli.run("train reg.csv --target y --layers 24,12 -o told.json");
    expect(code).toBe(0);
    expect(stderr).toMatch(/^3-24-12-1, 409 parameters; 320 rows, 80 rows held out; target y \(numbers\)\nepoch +1\//);
    expect(stdout).toMatch("Loss by epoch, on a logarithmic axis");
    expect(stdout).toMatch(/│ target │ mean absolute error │ +RMSE │ +R² │\n│ y .* 0\.9\d{3} │/);
    expect(stdout).toMatch(/model in told\.json\n$/);
    expect(stdout).not.toMatch("\u001b");
    expect(JSON.parse(readFileSync(cli.path("told.json"), "utf8")).format).toBe("nablanet");
  });

  it("puts text for people on stderr with --json, and colours only where they are wanted", async () => {
    const args = "train iris.csv --target species --epochs 3 -o coloured.nabla";
    const [json, coloured, plain] = await Promise.all([
      cli.run(`${args} --json`),
      cli.run(args, "", { FORCE_COLOR: "1" }),
      cli.run(args, "", { FORCE_COLOR: "1", NO_COLOR: "1" }),
    ]);
    expect(JSON.parse(json.stdout)).toMatchObject({ epochs: 3, status: "completed" });
    expect(json.stderr).toMatch("Confusion matrix");
    expect(coloured.stdout).toMatch("\u001b[1m");
    expect(plain.stdout).not.toMatch("\u001b");
  });

  it("takes a boolean target for one output, and several targets that are numbers", async () => {
    const [boolean, several] = await Promise.all([
      cli.run("train reg.csv --target flag --epochs 2 --json -q -o flag.nabla"),
      cli.run("train reg.csv --target y,z --ignore flag --epochs 2 --json -q -o yz.nabla --loss huber --optimizer sgd"),
    ]);
    expect(JSON.parse(boolean.stdout)).toMatchObject({ loss: "binaryCrossEntropy", network: { inputs: 3 } });
    const { loss, heldOut, network } = JSON.parse(several.stdout);
    expect([loss, network.inputs, heldOut.targets.map(({ name }: { name: string }) => name)]).toEqual([
      "huber",
      1,
      ["y", "z"],
    ]);
  });

  it("reads standard input, other delimiters, and tables without names", async () => {
    const bare = iris.slice(1).join("\n").replaceAll(",", ";");
    const { code, stdout } = await cli.run(
      "train - --no-header --delimiter ; --target 4 --column 4=categorical --ignore 1 --epochs 1 --json -q -o bare.nabla",
      bare,
    );
    expect([code, JSON.parse(stdout).network.inputs]).toEqual([0, 3]);
  });

  it("streams rows as if they were in memory", async () => {
    const lines = regressionCsv(300).trim().split("\n");
    cli.write("some.csv", lines.slice(0, 241).join("\n"));
    cli.write("held.csv", [lines[0], ...lines.slice(241)].join("\n"));
    const args = "train some.csv --target y --validation held.csv --epochs 5 --layers 8 -q --json";
    const [stream, memory] = await Promise.all([
      cli.run(`${args} --stream -o stream.nabla`),
      cli.run(`${args} -o memory.nabla`),
    ]);
    expect(JSON.parse(stream.stdout).rows).toEqual({ heldOut: 60 });
    expect(JSON.parse(memory.stdout).rows).toEqual({ training: 240, heldOut: 60 });
    expect(readFileSync(cli.path("stream.nabla"))).toEqual(readFileSync(cli.path("memory.nabla")));
  });
});

describe("predict", () => {
  it("answers as the network does, as CSV and as JSON, from a file and from standard input", async () => {
    const text = `${iris.slice(0, 40).join("\n")}\n`;
    cli.write("rows.csv", text);
    const [csv, piped, json] = await Promise.all([
      cli.run("predict iris.nabla rows.csv"),
      cli.run("predict iris.nabla -", text),
      cli.run("predict iris.nabla rows.csv --json --keep -o answers.jsonl"),
    ]);
    expect([csv.code, piped.stdout, json.stdout]).toEqual([0, csv.stdout, ""]);
    const lines = csv.stdout.trim().split("\n");
    expect(lines[0]).toBe("label,probability_setosa,probability_versicolor,probability_virginica");
    const answers = readFileSync(cli.path("answers.jsonl"), "utf8")
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    const network = await Network.load(cli.path("iris.nabla"));
    expect([lines.length, answers.length]).toEqual([40, 39]);
    iris.slice(1, 40).forEach((line, i) => {
      const { label, probabilities } = network.predictRow(rowOf(line)) as ClassAnswer;
      // the decimals are the shortest of the float32
      const told = lines[i + 1]
        ?.split(",")
        .slice(1)
        .map((share) => Math.fround(Number(share)));
      expect([lines[i + 1]?.split(",")[0], told]).toEqual([label, Object.values(probabilities)]);
      expect(answers[i].input).toEqual(rowOf(line));
      const kept = Object.entries(answers[i].probabilities).map(([name, share]) => [
        name,
        Math.fround(share as number),
      ]);
      expect(Object.fromEntries(kept)).toEqual({ ...probabilities });
    });
  });

  it("keeps the table's columns, and quotes what needs it", async () => {
    cli.write("kept.csv", '"a, note",y,x,flag,z\n"say ""hi""",?,1,yes,4\n');
    await cli.run("train reg.csv --target y --epochs 1 -q -o reg.nabla");
    const { stdout } = await cli.run("predict reg.nabla kept.csv --keep");
    expect(stdout).toMatch(/^"a, note",y,x,flag,z,predicted_y\n"say ""hi""",\?,1,yes,4,-?[\d.e-]+\n$/);
  });

  it("writes a file of answers whole or not at all", async () => {
    const rows = `${names.join(",")}\n${"5.1,3.5,1.4,0.2,setosa\n".repeat(20_000)}`;
    cli.write("many.csv", rows);
    cli.write("torn.csv", `${rows}5.1,3.5,no number,0.2,setosa\n`);
    const whole = await cli.run("predict iris.nabla many.csv -o many-answers.csv");
    const answers = readFileSync(cli.path("many-answers.csv"), "utf8");
    expect([whole.code, answers.split("\n").length]).toEqual([0, 20_002]);
    const torn = await cli.run("predict iris.nabla torn.csv -o many-answers.csv");
    expect([torn.code, torn.stderr]).toEqual([
      1,
      expect.stringMatching(/row 20001, column "petal_length" must be .*got "no number"/),
    ]);
    expect(readFileSync(cli.path("many-answers.csv"), "utf8")).toBe(answers);
    expect(readdirSync(cli.path(".")).filter((name) => name.endsWith(".draft"))).toEqual([]);
    // answers that go before the row were written
    const told = await cli.run("predict iris.nabla torn.csv");
    expect([told.code, told.stdout.split("\n").length > 1000]).toEqual([1, true]);
  });

  it("answers one row", async () => {
    const row = { sepal_length: 5.1, sepal_width: 3.5, petal_length: 1.4, petal_width: 0.2 };
    const { stdout } = await cli.run(["predict", "iris.nabla", "--json", "--row", JSON.stringify(row)]);
    expect(JSON.parse(stdout)).toMatchObject({ label: "setosa" });
    const wrong = await cli.run(["predict", "iris.nabla", "--row", '{"sepal_lenght":5.1}']);
    expect([wrong.code, wrong.stderr]).toEqual([
      2,
      'nablanet: row has "sepal_lenght", which is no column of the schema\n',
    ]);
  });

  it("takes numbers in order where a model has no schema", async () => {
    const network = await Network.create({ inputs: 2, layers: [{ units: 2 }], seed: 3 });
    await network.save(cli.path("plain.nabla"));
    const { stdout } = await cli.run("predict plain.nabla - --no-header", "1,2\n3,4\n");
    const answers = network.predict([1, 2, 3, 4]);
    const [head, ...lines] = stdout.trim().split("\n");
    expect(head).toBe("output_1,output_2");
    expect(lines.flatMap((line) => line.split(",").map((each) => Math.fround(Number(each))))).toEqual([...answers]);
    const wrong = await cli.run("predict plain.nabla -", "a,b\n1,2\n3,four\n");
    expect([wrong.code, wrong.stderr]).toEqual([
      1,
      'nablanet: standard input: row 2, column "b" must be a number that float32 holds, got "four"\n',
    ]);
    const wide = await cli.run("predict plain.nabla iris.csv");
    expect(wide.stderr).toMatch("must have 2 columns, one for each input, as the model has no schema, got 5");
  });

  it("ends quietly when nobody reads on", async () => {
    const many = Array.from({ length: 30_000 }, () => "5.1,3.5,1.4,0.2").join("\n");
    cli.write("many.csv", `${names.slice(0, 4).join(",")}\n${many}\n`);
    const child = cli.start("predict iris.nabla many.csv");
    child.stdout?.once("data", () => child.stdout?.destroy());
    expect(await ended(child)).toMatchObject({ code: 0, stderr: "" });
  });
});

describe("columns", () => {
  it("may have commas in their names and numbers, and are noted where they number the rows", async () => {
    const lines = Array.from({ length: 60 }, (_, i) => `${i + 1};${i % 7},5;${(i * 5) % 11};${i % 7 > 3 ? "a" : "b"}`);
    cli.write("comma-names.csv", `id;x, in m;z;"y; ""of"" it, all"\n${lines.join("\n")}\n`);
    const target = ["--target", '"y; ""of"" it, all"'];
    const args = ["train", "comma-names.csv", ...target, "--decimal", ",", "--epochs", "2", "-o", "comma-names.nabla"];
    const [noted, ignored] = await Promise.all([
      cli.run([...args, "--json"]),
      cli.run([...args, "--json", "--ignore", 'id,"x, in m"', "-o", "fewer.nabla"]),
    ]);
    const remark = 'column "id" numbers the rows: unless that means something, leave it out by --ignore "id"\n';
    expect([noted.code, JSON.parse(noted.stdout).network.inputs]).toEqual([0, 3]);
    expect(noted.stderr.startsWith(remark)).toBe(true);
    expect([ignored.code, JSON.parse(ignored.stdout).network.inputs]).toEqual([0, 1]);
    expect(ignored.stderr).not.toContain("numbers the rows");
    const answers = await cli.run("predict comma-names.nabla comma-names.csv --decimal ,");
    expect([answers.code, answers.stdout.trim().split("\n").length]).toEqual([0, 61]);
  });

  it("number the rows where they count all of them, from 0 or 1", async () => {
    const found = async (rows: number) => {
      const lines = Array.from({ length: rows }, (_, i) => {
        const gap = i === 5 ? 99 : i + 1;
        return [i % 2 ? "red" : "blue", i, i + 1, i + 2, gap, 0.5 * i, i * i].join(",");
      });
      const text = ["color,zero,one,two,gap,half,y", ...lines].join("\n");
      const { dataset, schema } = await readTable(new TextEncoder().encode(text), { target: "y" });
      return rowNumbers(dataset, schema);
    };
    expect(await found(12)).toEqual(["zero", "one"]);
    expect(await found(10)).toEqual(["zero", "one"]);
    expect(await found(9)).toEqual([]);
  });
});

describe("evaluate", () => {
  it("measures as the answers say", async () => {
    const [{ stdout, code }, predicted] = await Promise.all([
      cli.run("evaluate iris.nabla iris.csv --json"),
      cli.run("predict iris.nabla iris.csv"),
    ]);
    const labels = predicted.stdout
      .trim()
      .split("\n")
      .slice(1)
      .map((line) => line.split(",")[0]);
    const right = labels.filter((label, i) => label === iris[i + 1]?.split(",")[4]).length;
    const { accuracy, rows, confusionMatrix } = JSON.parse(stdout);
    expect([code, accuracy, rows]).toEqual([0, right / 150, 150]);
    expect(confusionMatrix.map((row: number[], i: number) => row[i]).reduce((a: number, b: number) => a + b)).toBe(
      right,
    );
  });

  it("measures classes and numbers as the library does, of rows that go by", async () => {
    await cli.run("train reg.csv --target y --epochs 5 -q -o measured.nabla");
    const [classes, numbers, predicted] = await Promise.all([
      cli.run("evaluate iris.nabla iris.csv --json"),
      cli.run("evaluate measured.nabla reg.csv --json"),
      cli.run("predict measured.nabla reg.csv"),
    ]);
    const network = await Network.load(cli.path("iris.nabla"));
    const rows = iris.slice(1).map((line) => network.predictRow(rowOf(line)) as ClassAnswer);
    const probabilities = rows.map(({ probabilities }) => Float32Array.from(Object.values(probabilities)));
    const labels = iris
      .slice(1)
      .map((line) => Object.keys(rows[0]?.probabilities ?? {}).indexOf(line.split(",")[4] ?? ""));
    expect(JSON.parse(classes.stdout).logLoss).toBe(metrics.logLoss(probabilities, labels));
    const column = (text: string, k: number) => {
      const lines = text.trim().split("\n").slice(1);
      return Float32Array.from(lines, (line) => Number(line.split(",")[k]));
    };
    const [answers, actual] = [column(predicted.stdout, 0), column(regressionCsv(400), 3)];
    const [target] = JSON.parse(numbers.stdout).targets;
    expect(target).toEqual({
      name: "y",
      meanAbsoluteError: metrics.meanAbsoluteError(answers, actual),
      rootMeanSquaredError: metrics.rootMeanSquaredError(answers, actual),
      r2: metrics.r2(answers, actual),
    });
  });

  it("refuses a table without rows", async () => {
    cli.write("none.csv", `${iris[0]}\n`);
    expect(await cli.run("evaluate iris.nabla none.csv")).toEqual({
      code: 1,
      stdout: "",
      stderr: "nablanet: none.csv must have at least one row, got none\n",
    });
  });

  it("is told the target where a model has no schema", async () => {
    const network = await Network.create({
      inputs: 4,
      layers: [{ units: 3, activation: "softmax" }],
    });
    await network.save(cli.path("bare-classes.nabla"));
    const [without, told] = await Promise.all([
      cli.run("evaluate bare-classes.nabla iris.csv"),
      cli.run("evaluate bare-classes.nabla iris.csv --target species --json"),
    ]);
    expect([without.code, JSON.parse(told.stdout).rows]).toEqual([2, 150]);
  });
});

describe("inspect, convert and bench", () => {
  it("shows layers, columns and how weights are distributed", async () => {
    const [text, json] = await Promise.all([cli.run("inspect iris.nabla"), cli.run("inspect iris.nabla --json")]);
    expect(text.stdout).toMatch("dense 2  softmax           3          51");
    expect(text.stdout).toMatch(/│ species +│ categorical │ target │ setosa, versicolor, virginica │/);
    expect(text.stdout).toMatch(/│ weights 1 │ .*[▁-█].* │/);
    const { layers, schema, parameters } = JSON.parse(json.stdout);
    expect([parameters, schema.targets]).toEqual([131, ["species"]]);
    const network = await Network.load(cli.path("iris.nabla"));
    const { weights } = network.weightsOf(0);
    const { mean, histogram } = layers[0].weights;
    expect(mean).toBeCloseTo(weights.reduce((a, b) => a + b, 0) / weights.length, 6);
    expect(histogram.counts.reduce((a: number, b: number) => a + b)).toBe(weights.length);
    expect([histogram.from, histogram.to]).toEqual([Math.min(...weights), Math.max(...weights)]);
  });

  it("converts modules in the order that it's told", async () => {
    const entry = (from: number) => ({ dtype: "F32", shape: [1, 1], data_offsets: [from, from + 4] });
    const header = Buffer.from(JSON.stringify({ "down.weight": entry(0), "up.weight": entry(4) }));
    const length = Buffer.alloc(8);
    length.writeUInt32LE(header.length);
    writeFileSync(
      cli.path("two.safetensors"),
      Buffer.concat([length, header, new Uint8Array(Float32Array.of(2, 3).buffer)]),
    );
    const told = "convert two.safetensors two.nabla --activations relu,identity";
    expect((await cli.run(told)).stderr).toContain("the option modules");
    await cli.run(`${told} --modules up,down`);
    const network = await Network.load(cli.path("two.nabla"));
    expect([0, 1].map((layer) => network.weightsOf(layer).weights[0])).toEqual([3, 2]);
  });

  it("converts there and back", async () => {
    const there = await cli.run("convert iris.nabla iris.json");
    expect([there.code, there.stdout]).toEqual([0, "iris.json: json, 2 layers, 131 parameters\n"]);
    await cli.run("convert - back --format nablanet", readFileSync(cli.path("iris.json"), "utf8"));
    expect(readFileSync(cli.path("back"))).toEqual(readFileSync(cli.path("iris.nabla")));
  });

  it("measures the machine", async () => {
    const { stdout } = await cli.run("bench --seconds 0.1 --json");
    const { capabilities, networks } = JSON.parse(stdout);
    expect(capabilities.cores).toBeGreaterThan(0);
    for (const { speeds } of networks) {
      for (const { training, predicting } of speeds) expect(Math.min(training, predicting)).toBeGreaterThan(0);
    }
  });
});

describe("search", () => {
  it("writes the best of its trials, trained again to the same loss", async () => {
    const { code, stdout, stderr } = await cli.run(
      "search iris.csv --target species --trials 4 --epochs 10 --json -o found.nabla --report found.html",
    );
    const { search, heldOut, network } = JSON.parse(stdout);
    expect([code, search.trials.length]).toEqual([0, 4]);
    const losses = search.trials.map(({ loss }: { loss: number }) => loss);
    expect(search.best.loss).toBe(Math.min(...losses));
    expect(heldOut.loss).toBe(search.best.loss);
    const hidden = network.layers.slice(0, -1).map(({ units }: { units: number }) => units);
    expect(hidden).toEqual(search.best.parameters.layers);
    expect(stderr).toMatch(/ 4\/4 /);
    // a line for each trial, a dot for each loss, and the curve of the best so far
    const html = readFileSync(cli.path("found.html"), "utf8");
    for (const { trial, parameters } of search.trials) {
      expect(html).toMatch(new RegExp(`<tr><td>${trial}</td>.*<td>${parameters.layers}</td></tr>`));
    }
    expect(html.match(/<circle /g)).toHaveLength(4);
    expect(html).toMatch(/aria-label="Loss by trial".*<title>best so far</s);
    expect(existsSync(cli.path("found.nabla"))).toBe(true);
  });

  it("takes every combination of a grid, or the first of them", async () => {
    const grid = "search iris.csv --target species --method grid --epochs 2 --json";
    const [all, few] = await Promise.all([cli.run(`${grid} -o all.nabla`), cli.run(`${grid} --trials 3 -o few.nabla`)]);
    const [{ trials, best }, first] = [all, few].map(({ stdout }) => JSON.parse(stdout).search);
    const parameters = trials.map((trial: { parameters: object }) => JSON.stringify(trial.parameters));
    expect([parameters.length, new Set(parameters).size]).toEqual([24, 24]);
    expect(best.loss).toBe(Math.min(...trials.map(({ loss }: { loss: number }) => loss)));
    expect(first.trials.map((trial: { parameters: object }) => JSON.stringify(trial.parameters))).toEqual(
      parameters.slice(0, 3),
    );
    expect(trials[1].parameters).toEqual({ layers: [16], learningRate: 0.001, dropout: 0.2, batchSize: 32 });
    expect([all.stderr, few.stderr]).toEqual([expect.stringMatching(/ 24\/24 /), expect.stringMatching(/ 3\/3 /)]);
  });

  it("measures trials on folds, and writes the best, trained on all training rows", async () => {
    const { code, stdout, stderr } = await cli.run(
      "search iris.csv --target species --trials 3 --folds 4 --epochs 6 --json -o folded.nabla",
    );
    expect([code, stderr]).toEqual([
      0,
      expect.stringMatching(/ 3\/3 .*Trains trial \d again, on all training rows\./s),
    ]);
    const { search, heldOut, rows } = JSON.parse(stdout);
    const losses = search.trials.map(({ loss }: { loss: number }) => loss);
    expect(losses).toHaveLength(3);
    expect(search.best.loss).toBe(Math.min(...losses));
    // that of the held-out rows, which had no part in it
    expect(heldOut.loss).not.toBe(search.best.loss);
    expect(rows).toEqual({ training: 120, heldOut: 30 });
    const { stdout: measured } = await cli.run(
      "search iris.csv --target species --trials 3 --epochs 6 --json -o held.nabla",
    );
    expect(losses).not.toContain(JSON.parse(measured).search.trials[0].loss);
  });

  it("trains the better ones for longer, and writes the parameters of the best", async () => {
    const { code, stdout, stderr } = await cli.run(
      "search iris.csv --target species --trials 9 --epochs 54 --method asha --json -o halved.nabla --csv trials.csv",
    );
    expect(code).toBe(0);
    const { search, heldOut } = JSON.parse(stdout);
    const epochs = search.trials.map((trial: { epochs: number }) => trial.epochs);
    expect(Math.min(...epochs)).toBe(2);
    expect(Math.max(...epochs)).toBeGreaterThan(6);
    expect(heldOut.loss).toBe(search.best.loss);
    const network = await Network.load(cli.path("halved.nabla"));
    const hash = createHash("sha256").update(network.parameters()).digest("hex");
    expect(search.best.parametersHash).toBe(hash);
    const [head, ...lines] = readFileSync(cli.path("trials.csv"), "utf8").trim().split("\n");
    expect(head).toMatch(/^trial,status,loss,accuracy,epochs,.*,key,parametersHash,error$/);
    expect(lines).toHaveLength(9);
    expect(lines[search.best.trial - 1]).toMatch(hash);
    expect(stderr).toMatch(/ epochs .*\n +\d\/9 +2 /);
    expect(stderr).toMatch("━ best so far");
  });
});

describe("help and errors", () => {
  it("tells of every command, with examples and exit codes", async () => {
    const commands = ["train", "predict", "evaluate", "inspect", "convert", "search", "worker", "bench"];
    const [whole, version, ...each] = await Promise.all([
      cli.run("--help"),
      cli.run("--version"),
      ...commands.map((command) => cli.run(`${command} --help`)),
    ]);
    expect(version).toEqual({ code: 0, stdout: "0.1.0\n", stderr: "" });
    for (const [i, { code, stdout }] of each.entries()) {
      expect(whole.stdout).toMatch(`  ${commands[i]} `);
      expect(code).toBe(0);
      expect(stdout).toMatch(`Examples:\n  nablanet ${commands[i]}`);
      expect(stdout).toMatch("Exit codes: 0 done, 1 failed, 2 wrong usage, 130 interrupted");
    }
  });

  const wrong: [string, number, RegExp][] = [
    ["trian iris.csv", 2, /unknown command 'trian' \(Did you mean train\?\)/],
    [
      "train iris.csv --target species --epochs many",
      2,
      /'--epochs <number>' argument 'many'.*a positive integer, got "many"/,
    ],
    ["train iris.csv --target species --layers 8,x", 2, /the units of each hidden layer.*got "8,x"/],
    ["train iris.csv --target species --column sepal_length", 2, /name=kind, with a kind of numeric, /],
    ["train iris.csv", 2, /: --target must be the name of a column, one of "sepal_length", .* got none/],
    ["train iris.csv --target Species", 2, /: --target must be one of the columns .*, got "Species"/],
    ["train iris.csv --target species --ignore species", 2, /: --ignore must be without the targets, got "species"/],
    ["train iris.csv --target species --ignore id", 2, /: a name in --ignore must be one of the columns .* got "id"/],
    ["train iris.csv --target species --column id=numeric", 2, /: a name in --column must be one of .* got "id"/],
    [
      "train odd.csv --target y --missing impute",
      1,
      /column "name" is neither .*: name it in --ignore, or say --column <name>=categ/,
    ],
    ["train odd.csv --target y --ignore name", 1, /column "none" must have a value.*; with --missing impute the mean/],
    ["train odd.csv --target y --ignore name --missing impute", 1, /column "none" has no values: name it in --ignore/],
    [
      "train odd.csv --target y --ignore name,none,gap",
      1,
      /"comma" has numbers with a comma .*: say --decimal , where/,
    ],
    ["train odd.csv --target y --decimal , --ignore name,none,gap,comma", 1, /"x" must have .* as --decimal says, got/],
    [
      "train iris.csv --target species --checkpoint iris.csv",
      2,
      /: iris.csv must be another file than iris.csv, which/,
    ],
    [
      "train iris.csv --target species --report ./iris.csv",
      2,
      /: .\/iris.csv must be another file than iris.csv, which/,
    ],
    ["train rows.json --target y -o rows.json", 2, /: rows.json must be another file than rows.json, which is read/],
    ["predict iris.nabla iris.csv -o iris.csv", 2, /: iris.csv must be another file than iris.csv, which is read/],
    ["search iris.csv --target species --csv iris.csv", 2, /: iris.csv must be another file than iris.csv, which/],
    ["train two.csv --target y -o two.nabla", 2, /enough rows to hold out a share of 0.2 and to train on .*, got 2$/],
    ["predict iris.nabla comma.csv", 1, /got "5,1"; --decimal , takes decimals after a comma$/],
    [
      'predict iris.nabla --row {"sepal_length":5}',
      2,
      /; a model that was trained with --missing impute fills inputs in/,
    ],
    [
      "evaluate iris.nabla iris.csv --target sepal_length",
      2,
      /--target must be "species", as iris.nabla was trained on/,
    ],
    ["evaluate iris.nabla iris.csv --ignore species", 2, /--ignore must be left out, as iris.nabla knows what its/],
    ["train iris.csv --target species -o iris.xyz", 2, /path must end in one of .*\.nabla.* got "iris.xyz"/],
    ["train iris.csv --target species -o none/iris.nabla", 1, /none\/iris.nabla can't be written: ENOENT/],
    ["train iris.csv --target species --stream", 2, /--stream needs --validation/],
    ["search iris.csv --target species --stream --method asha", 2, /--stream can't be used with --method asha, as/],
    ["search iris.csv --target species --folds 1", 2, /--folds.* must be an integer of at least 2, got "1"/],
    ["search iris.csv --target species --folds 3 --method asha", 2, /--folds can't be used with --method asha, which/],
    ["search iris.csv --target species --folds 500 -q", 2, /folds must be at most the dataset's length, 120, got 500/],
    [
      "search iris.csv --target species --folds 3 --stream --validation reg.csv",
      2,
      /--stream can't be used with --folds/,
    ],
    ["search - --target species --redis redis://127.0.0.1:1", 2, /--redis needs a path or URL .* got "-"/],
    ["search iris.csv --target species --redis 127.0.0.1", 2, /connection must be a URL that begins with redis:/],
    ["search iris.csv --target species --redis redis://127.0.0.1:1", 1, /no Redis answers at 127.0.0.1:1: connect/],
    ["worker --redis redis://127.0.0.1:1", 1, /no Redis answers at 127.0.0.1:1: connect/],
    ["worker", 2, /--redis must be the URL of a Redis, got none/],
    [
      "train iris.csv --target species --resume -o never.nabla",
      1,
      /--resume needs a checkpoint.*never.nabla.checkpoint/,
    ],
    ["train missing.csv --target y", 1, /missing.csv can't be read: ENOENT/],
    [
      "train reg.csv --target y --optimizer sgd --learning-rate 1000 -q",
      1,
      /training diverged, and no model was written: /,
    ],
    ["predict iris.nabla", 2, /predict needs rows or --row, got neither/],
    ["predict iris.csv iris.csv", 1, /the model must be a file of one of the formats/],
    ["predict iris.nabla reg.csv", 1, /reg.csv must have the column "sepal_length" of the schema, got none/],
    ["convert iris.nabla iris.json --activations rellu", 2, /--activations must be some of .* got "rellu"/],
  ];
  it("tells what is wrong in one line, with an exit code", async () => {
    const odd = Array.from(
      { length: 30 },
      (_, i) => `name ${i};;${i % 9 ? i : ""};${i},5;${i}.25;${i % 2 ? "a" : "b"}`,
    );
    cli.write("odd.csv", `name;none;gap;comma;x;y\n${odd.join("\n")}\n`);
    cli.write("rows.json", '{"x":1,"y":2}\n');
    cli.write("two.csv", "x,y\n1,2\n3,5\n");
    cli.write("comma.csv", `${names.join(";")}\n5,1;3,5;1,4;0,2;setosa\n`);
    const results = await Promise.all(wrong.map(([args]) => cli.run(args)));
    for (const [i, { code, stderr, stdout }] of results.entries()) {
      const [args, expected, message] = wrong[i] as (typeof wrong)[number];
      const last = stderr.trimEnd().split("\n").at(-1) as string;
      expect([args, code, last, stdout]).toEqual([args, expected, expect.stringMatching(message), ""]);
      expect(last).toMatch(/^nablanet: /);
      if (code === 2) expect(stderr.trimEnd().split("\n")).toHaveLength(1);
    }
    expect(existsSync(cli.path("iris.xyz"))).toBe(false);
    expect(readFileSync(cli.path("iris.csv"), "utf8").trim().split("\n")).toEqual(iris);
  });

  it("tells of damaged models and empty tables", async () => {
    const bytes = readFileSync(cli.path("iris.nabla"));
    bytes[100] = (bytes[100] as number) ^ 1;
    writeFileSync(cli.path("damaged.nabla"), bytes);
    const [damaged, empty] = await Promise.all([
      cli.run("inspect damaged.nabla"),
      cli.run("train - --target y -o empty.nabla", ""),
    ]);
    expect([damaged.code, damaged.stderr.split("\n").length]).toEqual([1, 2]);
    expect([empty.code, empty.stderr]).toEqual([1, "nablanet: standard input must have at least one row, got none\n"]);
  });
});
