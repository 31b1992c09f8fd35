// Tables as datasets: what schemas are inferred, how rows become numbers, and what is refused.

import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { type Dataset, FormatError, Network, Trainer } from "../src/index.js";
import { readColumns, readTable, readTableStream, Schema, type TableOptions } from "../src/tables.js";
import { refusal } from "./refusal.js";

const iris = "test/fixtures/iris.csv";
const bytesOf = (text: string) => new TextEncoder().encode(text);
const read = (lines: string | string[], options: TableOptions) =>
  readTable(bytesOf(Array.isArray(lines) ? lines.join("\n") : lines), options);
/** The schema's columns, as JSON, by name. */
const columnsOf = ({ schema }: { schema: Schema }) =>
  Object.fromEntries(schema.toJSON().columns.map(({ name, ...rest }) => [name, rest]));
const inputsOf = ({ dataset }: { dataset: Dataset }) => [...dataset].map(({ input }) => [...input]);
const targetsOf = ({ dataset }: { dataset: Dataset }) => [...dataset].map(({ target }) => [...target]);

describe("iris", () => {
  it("is read, and a network learns it", async () => {
    const { dataset, schema } = await readTable(iris, { target: "species" });
    expect([dataset.length, dataset.inputSize, dataset.outputSize]).toEqual([150, 4, 3]);
    expect(dataset.classNames).toEqual(["setosa", "versicolor", "virginica"]);
    expect(dataset.sample(149)).toEqual({
      input: Float32Array.of(5.9, 3.0, 5.1, 1.8),
      target: Float32Array.of(0, 0, 1),
      label: 2,
    });
    const network = await Network.create({
      inputs: schema.inputs,
      layers: [
        { units: 8, activation: "tanh" },
        { units: schema.outputs, activation: "softmax" },
      ],
      normalize: "standard",
      seed: 1,
    });
    const trainer = new Trainer(network, { optimizer: { kind: "adam", learningRate: 0.02 } });
    await trainer.fit(dataset, { epochs: 60 });
    expect((await trainer.evaluate(dataset)).accuracy).toBeGreaterThan(0.95);
    const row = { sepal_length: 5.9, sepal_width: "3.0", petal_length: 5.1, petal_width: 1.8 };
    expect(schema.decode(network.predict(schema.encode(row)))).toMatchObject({ label: "virginica" });
  });

  it("trains as a stream to the bits of the dataset", async () => {
    const parametersOf = async (data: Parameters<Trainer["fit"]>[0]) => {
      const network = await Network.create({ inputs: 4, layers: [{ units: 3, activation: "softmax" }], seed: 1 });
      await new Trainer(network).fit(data, { epochs: 2 });
      return network.parameters();
    };
    const { dataset, schema } = await readTable(iris, { target: "species" });
    const stream = await readTableStream(iris, { target: "species", bufferRows: 1000 });
    expect(stream.schema.toJSON()).toEqual(schema.toJSON());
    expect(stream.dataset.bufferRows).toBe(1000);
    expect(await parametersOf(stream.dataset)).toEqual(await parametersOf(dataset));
  });

  it("comes from every kind of source, gzipped or not", async () => {
    const text = readFileSync(iris);
    const zipped = new Uint8Array(gzipSync(text));
    const folder = mkdtempSync(join(tmpdir(), "nablanet-tables-"));
    const path = join(folder, "iris.csv.gz");
    writeFileSync(path, zipped);
    const expected = (await readTable(iris, { target: "species" })).schema.toJSON();
    for (const source of [
      path,
      new URL(`file://${path}`),
      new Uint8Array(text),
      zipped.buffer,
      new Blob([zipped]),
      new File([text], "iris.csv"),
      new Response(zipped),
      new Blob([text]).stream(),
      `data:text/csv;base64,${text.toString("base64")}`,
    ]) {
      const { schema, dataset } = await readTable(source, { target: "species" });
      expect(schema.toJSON()).toEqual(expected);
      expect(dataset.length).toBe(150);
    }
    await expect(readTableStream(new Response(text) as never, { target: "species" })).rejects.toThrow(TypeError);
    await expect(readTable("no/such.csv", { target: "y" })).rejects.toThrow("no/such.csv can't be read: ENOENT");
  });
});

describe("readColumns", () => {
  it("tells the names in their order, of any format", async () => {
    expect(await readColumns(iris)).toEqual(["sepal_length", "sepal_width", "petal_length", "petal_width", "species"]);
    expect(await readColumns("test/fixtures/iris.parquet")).toEqual(await readColumns(iris));
    expect(await readColumns(new Response("a;b\n1;2"))).toEqual(["a", "b"]);
    expect(await readColumns(bytesOf("1,2\n3,4"), { header: false })).toEqual(["0", "1"]);
    expect(await readColumns(bytesOf('{"b":1}\n{"a":2}'))).toEqual(["b", "a"]);
  });

  it("refuses what is no table, and options that it hasn't", async () => {
    expect(await refusal(readColumns(bytesOf("a,a\n1,2")))).toBe(
      'the table must have columns of different names, got two called "a"',
    );
    await expect(readColumns(bytesOf("a,b"), { colour: 1 } as never)).rejects.toThrow(
      'readColumns has no option "colour"',
    );
  });
});

describe("inference", () => {
  const table = [
    "size,color,old,id,y",
    "1,red,true,a,0.5",
    "2.5,blue,False,b,1.5",
    "-3e2, red ,TRUE,c,2",
    " 4 ,green,false,d,7",
  ];

  it("finds numbers, booleans and categories, and ignores what it is told to", async () => {
    const found = await read(table, { target: "y", ignore: ["id"] });
    expect(columnsOf(found)).toEqual({
      size: { kind: "numeric", mean: (1 + 2.5 - 300 + 4) / 4 },
      color: { kind: "categorical", categories: ["blue", "green", "red"], mostFrequent: "red" },
      old: { kind: "boolean", labels: ["false", "true"], mostFrequent: "false" },
      id: { kind: "ignored" },
      y: { kind: "numeric", mean: 2.75 },
    });
    expect([found.schema.inputs, found.schema.outputs]).toEqual([5, 1]);
    expect(inputsOf(found)).toEqual([
      [1, 0, 0, 1, 1],
      [2.5, 1, 0, 0, 0],
      [-300, 0, 0, 1, 1],
      [4, 0, 1, 0, 0],
    ]);
    expect(targetsOf(found)).toEqual([[0.5], [1.5], [2], [7]]);
    expect(found.schema.classes).toBeUndefined();
  });

  it("does what it is told of columns", async () => {
    const options = { target: "y", columns: { id: "ignored", size: "categorical", y: "categorical" } } as const;
    const found = await read(table, options);
    expect(columnsOf(found).size).toEqual({
      kind: "categorical",
      categories: ["-3e2", "1", "2.5", "4"],
      mostFrequent: "-3e2",
    });
    expect(found.dataset.classNames).toEqual(["0.5", "1.5", "2", "7"]);
    expect(await refusal(read(table, { target: "y", columns: { color: "numeric" } }))).toBe(
      'the table: row 1, column "color" must be a number, got "red"',
    );
    expect(await refusal(read(table, { target: "y", columns: { color: "boolean" } }))).toBe(
      'the table: column "color" has other values than true and false, yes and no, 1 and 0',
    );
  });

  it("takes whole numbers for classes only where they number them", async () => {
    const classes = async (values: (number | string)[]) =>
      (await read(["x,y", ...values.map((y, i) => `${i},${y}`)], { target: "y" })).dataset.classNames;
    expect(await classes([0, 1, 1, 0])).toEqual(["0", "1"]);
    expect(await classes([3, 1, 2, 3, 1, 2])).toEqual(["1", "2", "3"]);
    const eleven = Array.from({ length: 22 }, (_, i) => i % 11);
    expect(await classes(eleven)).toEqual(["0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10"]);
    for (const numbers of [
      [0, 1, 2],
      [0, 2, 2, 0],
      [2, 3, 3, 2],
      [-1, 0, 1, -1, 0, 1],
      [1, 1, 1, 1],
      ["0.0", "1.0", "0.0", "1.0"],
      Array.from({ length: 42 }, (_, i) => i % 21),
    ]) {
      expect(await classes(numbers)).toBeUndefined();
    }
    expect(await classes(["no", "yes", "yes"])).toEqual(["no", "yes"]);
  });

  it("refuses text that isn't categories, and says what to do", async () => {
    const rows = Array.from({ length: 40 }, (_, i) => `name ${i},${i}`);
    expect(await refusal(read(["name,y", ...rows], { target: "y" }))).toBe(
      'the table: column "name" is neither numeric (row 1 has "name 0") nor categorical (40 different values in 40 rows): ' +
        'name it in ignore, or say columns: { …: "categorical" }',
    );
    const numbers = Array.from({ length: 300 }, (_, i) => `${i === 200 ? "unknown" : i},${i}`);
    expect(await refusal(read(["age,y", ...numbers], { target: "y" }))).toContain(
      'column "age" is neither numeric (row 201 has "unknown") nor categorical (too many different values in 300 rows)',
    );
    const found = await read(["name,y", ...rows], { target: "y", columns: { name: "categorical" } });
    expect(found.schema.inputs).toBe(40);
  });

  it("doesn't take dates for categories, unless it is told", async () => {
    for (const [first, second] of [
      ["2024-01-31", "2024-02-01T12:00"],
      ["31.1.2024", "1/2/2024 12:00"],
      ["2024/1/3", "2024.12.31"],
    ] as const) {
      const lines = ["day,y", ...Array.from({ length: 20 }, (_, i) => `${i % 2 ? second : first},${i}`)];
      expect(await refusal(read(lines, { target: "y" }))).toBe(
        `the table: column "day" has dates (row 1 has "${first}"): ` +
          'make numbers of them, or name it in ignore, or say columns: { …: "categorical" }',
      );
      expect(await refusal(read(lines, { target: "y", columns: { day: "numeric" } }))).toContain("has dates");
      expect((await read(lines, { target: "y", columns: { day: "categorical" } })).schema.inputs).toBe(2);
    }
    // more than are counted
    const days = Array.from({ length: 1100 }, (_, i) => `${new Date(i * 86_400_000).toISOString().slice(0, 10)},${i}`);
    expect(await refusal(read(["day,y", ...days], { target: "y" }))).toContain("has dates");
    // not all of them
    const other = ["day,y", "2024-01-31,1", "never,2", "2024-01-31,3"];
    expect((await read(other, { target: "y" })).schema.inputs).toBe(2);
  });

  it("doesn't take numbers with a comma for categories, and says what to do", async () => {
    for (const told of [{ target: "y" }, { target: "y", columns: { x: "numeric" } }] as const) {
      expect(await refusal(read(["x;y", "1,5;1", "2;2", "1,5;3"], told))).toBe(
        'the table: column "x" has numbers with a comma (row 1 has "1,5"): ' +
          'say decimal: "," where their decimals follow it, or leave it out where it parts thousands',
      );
    }
    expect(await refusal(read(["x;y", "1;1,5", "2;2,5", "3;1,5"], { target: "y" }))).toContain(
      'column "y" has numbers',
    );
    expect(await refusal(read(["x;y", "+,5;1", "-1,;2", " 1,5e3 ;3"], { target: "y" }))).toContain("has numbers");
    // not all of them
    const other = ["x;y", "1,5;1", "many;2", "2;3"];
    expect((await read(other, { target: "y" })).schema.inputs).toBe(3);
    const { schema } = await read(["x;y", "1;2", "2;3"], { target: "y" });
    expect(await refusal(read(["x;y", "1,5;2"], { schema }))).toBe(
      'the table: row 1, column "x" must be a number that float32 holds, got "1,5"; decimal: "," takes decimals after a comma',
    );
  });

  it("refuses a target of true and false that is always the same", async () => {
    for (const word of ["yes", "False"]) {
      expect(await refusal(read(["x,y", `1,${word}`, `2,${word}`], { target: "y" }))).toBe(
        `the table: column "y" must have two values, as it is a target, got only "${word}"`,
      );
    }
    expect((await read(["x,y", "1,True", "2,FALSE"], { target: "y" })).dataset.classNames).toEqual(["false", "true"]);
    const { schema } = await read(["x,y", "1,yes", "2,no"], { target: "y" });
    expect((await read(["x,y", "1,yes"], { schema })).dataset.length).toBe(1);
    expect((await read(["x,flag,y", "1,yes,3", "2,yes,4"], { target: "y" })).schema.inputs).toBe(2);
  });

  it("has several targets, all of them numbers", async () => {
    const lines = ["a,b,x", "1,10,5", "2,20,6"];
    const found = await read(lines, { targets: ["b", "a"] });
    expect(targetsOf(found)).toEqual([
      [10, 1],
      [20, 2],
    ]);
    expect(found.schema.decode([3, 4])).toEqual({ b: 3, a: 4 });
    expect(await refusal(read(["a,b,x", "1,u,5", "2,v,6"], { targets: ["a", "b"] }))).toBe(
      'the table: each of several targets must be a numeric column, got "b"',
    );
  });

  it("puts true and false into one output", async () => {
    const found = await read(["x,y", "1,yes", "2,no", "3,yes"], { target: "y" });
    expect([found.dataset.outputSize, found.dataset.classNames]).toEqual([1, ["no", "yes"]]);
    expect(targetsOf(found)).toEqual([[1], [0], [1]]);
    expect(found.schema.decode([0.75])).toEqual({ label: "yes", probabilities: { no: 0.25, yes: 0.75 } });
  });

  it("refuses options that can't be meant", async () => {
    const cases: [TableOptions, string][] = [
      [{}, 'target must be the name of a column, one of "size", "color", "old", "id", "y", got none'],
      [{ target: "z" }, 'a target must be one of the columns "size", "color", "old", "id", "y", got "z"'],
      [{ target: "y", ignore: ["y"] }, 'ignore must be without the targets, got "y"'],
      [{ target: "y", ignore: ["z"] }, "a name in ignore must be one of the columns"],
      [{ target: "y", columns: { z: "numeric" } }, "a name in columns must be one of the columns"],
      [{ target: "y", columns: { id: "text" as never } }, 'columns["id"] must be one of numeric, categorical, boolean'],
      [{ target: "y", targets: ["y"] }, "targets must be left out where there is a target"],
      [{ target: "y", missing: "skip" as never }, 'missing must be one of refuse, impute, got "skip"'],
      [{ target: "y", format: "xls" as never }, "format must be one of csv, tsv, jsonLines, parquet, npy, npz"],
      [{ target: "y", decimal: ";" as never }, 'decimal must be "." or ",", got ";"'],
      [{ target: "y", delimiter: '"' }, "delimiter must be at least one character, without quotes and newlines"],
      [{ target: "y", sheet: 1 } as never, 'readTable has no option "sheet"'],
    ];
    for (const [options, message] of cases) await expect(read(table, options)).rejects.toThrow(message);
  });
});

describe("missing values", () => {
  const lines = ["a,b,c,y", "1,u,true,1.5", ",?,NA,2.5", "5,u,true,3", "n/a,v,#N/A,4"];

  it("are refused by row and column", async () => {
    expect(await refusal(read(lines, { target: "y" }))).toBe(
      'the table: row 2, column "a" must have a value, got none (""); ' +
        'with missing: "impute" the mean or the most frequent value is put there',
    );
    expect(await refusal(read(["x,y", "1,2", "3,"], { target: "y", missing: "impute" }))).toBe(
      'the table: row 2, column "y" must have a value, got none (""); targets aren\'t imputed',
    );
    expect(await refusal(read(["x,z,y", "1,,2", "3,,1.5"], { target: "y", missing: "impute" }))).toBe(
      'the table: column "z" has no values: ignore it',
    );
  });

  it("are imputed with what was learned, in other rows too", async () => {
    const found = await read(lines, { target: "y", missing: "impute" });
    expect(inputsOf(found)).toEqual([
      [1, 1, 0, 1],
      [3, 1, 0, 1],
      [5, 1, 0, 1],
      [3, 0, 1, 1],
    ]);
    expect([...found.schema.encode({ b: "v" })]).toEqual([3, 0, 1, 1]);
    const other = await read(["c,y,b,a", ",1,,9"], { schema: found.schema.toJSON() });
    expect(inputsOf(other)).toEqual([[9, 1, 0, 1]]);
  });
});

describe("a schema", () => {
  const learned = () => read(["a,b,y", "1,u,p", "2,v,q", "3,u,p"], { target: "y" });

  it("reads another table by its names, and refuses what it doesn't know", async () => {
    const { schema } = await learned();
    const found = await read(["more,y,b,a", "x,q,v,7"], { schema });
    expect([...found.dataset.sample(0).input, found.dataset.sample(0).label]).toEqual([7, 0, 1, 1]);
    expect(await refusal(read(["y,a", "q,7"], { schema }))).toBe(
      'the table must have the column "b" of the schema, got none',
    );
    expect(await refusal(read(["a,b,y", "1,u,p", "2,w,q"], { schema }))).toBe(
      'the table: row 2, column "b" must be one of the categories "u", "v", got "w"',
    );
    expect(await refusal(read(["a,b,y", "1,u,p", "2,v,r"], { schema }))).toBe(
      'the table: row 2, column "y" must be one of the categories "p", "q", got "r"',
    );
    await expect(read(["a"], { schema, target: "y" })).rejects.toThrow(
      "targets must be left out where there is a schema",
    );
  });

  it("encodes rows, and says what is wrong with them", async () => {
    const { schema } = await learned();
    expect([
      ...schema.encodeRows([
        { a: "4", b: "v", y: "ignored" },
        { a: 5, b: "u" },
      ]),
    ]).toEqual([4, 0, 1, 5, 1, 0]);
    const cases: [row: unknown, message: string][] = [
      [{ a: 1, b: "w" }, 'row["b"] must be one of the categories "u", "v", got "w"'],
      [{ a: "x", b: "u" }, 'row["a"] must be a number that float32 holds, got "x"'],
      [{ a: 1e39, b: "u" }, 'row["a"] must be a number that float32 holds, got 1e+39'],
      [{ a: "0x10", b: "u" }, 'row["a"] must be a number that float32 holds, got "0x10"'],
      [{ b: "u" }, 'row["a"] must be a number that float32 holds, got none (undefined)'],
      [{ a: 1, b: "u", c: 1 }, 'row has "c", which is no column of the schema'],
      [{ a: 1, b: ["u"] }, 'row["b"] must be one of the categories "u", "v", got an array of length 1'],
    ];
    for (const [row, message] of cases) {
      expect(() => schema.encode(row as never)).toThrow(RangeError);
      expect(() => schema.encode(row as never)).toThrow(message);
    }
    expect(() => schema.encodeRows([{ a: 1, b: "u" }, { a: 1 }])).toThrow('rows[1]["b"] must be');
    for (const row of [undefined, null, 1, [1]]) expect(() => schema.encode(row as never)).toThrow(TypeError);
  });

  it("decodes outputs", async () => {
    const { schema } = await learned();
    expect(schema.decode(Float32Array.of(0.25, 0.75))).toEqual({ label: "q", probabilities: { p: 0.25, q: 0.75 } });
    expect(() => schema.decode([1])).toThrow("outputs must have 2 numbers, got 1");
    expect(() => schema.decode([1, Number.NaN])).toThrow(RangeError);
  });

  it("is the same after JSON", async () => {
    const { schema } = await learned();
    const again = Schema.fromJSON(JSON.parse(JSON.stringify(schema)));
    expect(again.toJSON()).toEqual(schema.toJSON());
    expect(again.encode({ a: 1, b: "v" })).toEqual(schema.encode({ a: 1, b: "v" }));
    expect(again.decode([0, 1])).toEqual(schema.decode([0, 1]));
  });

  it("may have columns and classes of any name", async () => {
    const names = ["__proto__", "constructor", "toString", "hasOwnProperty"];
    const lines = [`${names.join()},y`, "1,2,3,4,__proto__", "5,6,7,8,constructor", "1,2,3,4,__proto__"];
    const { schema } = await read(lines, { target: "y" });
    const row = Object.fromEntries([1, 2, 3, 4].map((value, i) => [names[i] as string, value]));
    expect([...schema.encode(row)]).toEqual([1, 2, 3, 4]);
    expect(() => schema.encode({})).toThrow('row["__proto__"] must be');
    const answer = schema.decode([0.25, 0.75]) as { label: string; probabilities: Record<string, number> };
    expect(answer.label).toBe("constructor");
    expect(Object.entries(answer.probabilities)).toEqual([
      ["__proto__", 0.25],
      ["constructor", 0.75],
    ]);
    const again = Schema.fromJSON(JSON.parse(JSON.stringify(schema)));
    expect([...again.encode(row)]).toEqual([1, 2, 3, 4]);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
    const polluted = JSON.parse(
      '{"kind":"Schema","version":1,"missing":"refuse","columns":[],"targets":[],"__proto__":1}',
    );
    expect(() => Schema.fromJSON(polluted)).toThrow(FormatError);
  });

  it("refuses JSON that isn't one", async () => {
    const json = (await learned()).schema.toJSON();
    const [a, b, y] = json.columns;
    const cases: [unknown, string][] = [
      [null, "it must be an object"],
      [[], "it must be an object"],
      [{ ...json, version: 2 }, "version must be an integer from 1 to 1, got 2"],
      [{ ...json, missing: "skip" }, 'missing must be "refuse" or "impute", got "skip"'],
      [{ ...json, more: 1 }, 'it must have the fields kind, version, missing, columns, targets, got "more"'],
      [{ ...json, columns: [] }, "columns must have at least one entry"],
      [{ ...json, columns: [y] }, "there must be a column other than the targets"],
      [{ ...json, columns: [a, a, y] }, "columns must all have names that differ"],
      [{ ...json, columns: [a, 7, y] }, "columns[1]: it must be an object"],
      [{ ...json, columns: [a, { ...b, kind: "toString" }, y] }, "columns[1]: kind must be one of numeric"],
      [{ ...json, columns: [{ ...a, mean: 1e39 }, y] }, "mean in float32 must be a finite number"],
      [{ ...json, columns: [{ ...a, mean: "1" }, y] }, 'mean must be a finite number, got "1"'],
      [{ ...json, columns: [a, { ...b, categories: ["u", "u"] }, y] }, "categories must all differ"],
      [{ ...json, columns: [a, { ...b, categories: ["u", 1] }, y] }, "categories[1] must be a string, got 1"],
      [{ ...json, columns: [a, { ...b, mostFrequent: "w" }, y] }, "mostFrequent must be one of u, v"],
      [
        { ...json, columns: [a, { kind: "boolean", name: "b", labels: ["u", "v"], mostFrequent: "u" }, y] },
        "labels must",
      ],
      [{ ...json, targets: ["z"] }, 'a target must be one of the columns, got "z"'],
      [{ ...json, targets: ["y", "y"] }, "targets must all differ"],
      [{ ...json, targets: ["a", "y"] }, 'each of several targets must be a numeric column, got "y"'],
      [{ ...json, columns: [a, { ...y, categories: ["p"] }] }, 'the target "y" must have at least 2 classes, got 1'],
    ];
    for (const [value, message] of cases) {
      expect(() => Schema.fromJSON(value)).toThrow(FormatError);
      expect(() => Schema.fromJSON(value)).toThrow(message);
    }
  });
});
