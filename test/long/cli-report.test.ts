// The report of a training: one page, whatever the columns are called.

import { readFileSync } from "node:fs";
import { afterAll, describe, expect, it } from "vitest";
import { PlottedRows } from "../../src/cli/plotted-rows.js";
import { CommandLine, regressionCsv } from "../command-line.js";

const cli = new CommandLine();
afterAll(() => cli.remove());

const attack = '<script>alert("x")</script>';

/** The names of all tags of a page. */
const tags = (html: string) => new Set([...html.matchAll(/<\/?([a-z0-9]+)/gi)].map(([, name]) => name?.toLowerCase()));

describe("the report", () => {
  it("escapes names from the table, in the page and in plots", async () => {
    const rows = Array.from(
      { length: 60 },
      (_, i) => `${i % 7},${i % 3},${i % 2 ? '"<img src=x onerror=1>"' : "a&b 'c'"}`,
    );
    cli.write("names.csv", `"${attack.replaceAll('"', '""')}",z,<b>kind</b>\n${rows.join("\n")}\n`);
    const { code, stderr } = await cli.run([
      "train",
      "names.csv",
      "--target",
      "<b>kind</b>",
      "--report",
      "names.html",
      "-q",
    ]);
    expect([code, stderr]).toEqual([0, ""]);
    const html = readFileSync(cli.path("names.html"), "utf8");
    for (const tag of ["script", "img", "b"]) expect(tags(html)).not.toContain(tag);
    expect(html).toMatch("&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;");
    expect(html).toMatch("&lt;img src=x onerror=1&gt;");
    expect(html).toMatch("a&amp;b &#39;c&#39;");
    expect(html).toMatch("<title>&lt;b&gt;kind&lt;/b&gt; from names.csv</title>");
  });

  it("needs nothing else, and knows dark rooms and small screens", async () => {
    cli.write("reg.csv", regressionCsv(300));
    const { stdout } = await cli.run("train reg.csv --target y --ignore flag --report reg.html --json -q --epochs 20");
    const html = readFileSync(cli.path("reg.html"), "utf8");
    expect(html).not.toMatch(/https?:|src=|href=|url\(|@import|<script/);
    expect(html).toMatch("default-src 'none'");
    expect(html).toMatch("prefers-color-scheme: dark");
    expect(html).toMatch('content="width=device-width');
    const { heldOut, report } = JSON.parse(stdout);
    expect(report).toBe("reg.html");
    // a dot for each held-out row, a point for each epoch
    expect(html.match(/<circle /g)).toHaveLength(heldOut.rows);
    const curves = [...html.matchAll(/<polyline class="[^"]+" points="([^"]+)"/g)].map(([, points = ""]) =>
      points.split(" "),
    );
    expect(curves.map(({ length }) => length)).toEqual([20, 20]);
    for (const point of curves.flat()) expect(point).toMatch(/^\d+\.\d,\d+\.\d$/);
    expect(html).toMatch(heldOut.targets[0].r2.toFixed(4));
    expect(html).toMatch("<td>flag</td><td>ignored</td>");
  });

  it("draws some of many rows", async () => {
    cli.write("many.csv", regressionCsv(12_500));
    await cli.run("train many.csv --target y --layers none --report many.html -q --epochs 2");
    const html = readFileSync(cli.path("many.html"), "utf8");
    expect(html).toMatch("y, one row in 2; on the line, both are the same.");
    expect(html.match(/<circle /g)).toHaveLength(2500 / 2);
  });

  it("spreads them evenly, however many there are", () => {
    for (const rows of [1, 2000, 2001, 4000, 4001, 12_345]) {
      const plotted = new PlottedRows();
      for (let row = 0; row < rows; row++) plotted.add(row, row / 2);
      const { points, step } = plotted;
      expect(points).toEqual(Array.from({ length: Math.ceil(rows / step) }, (_, i) => [i * step, (i * step) / 2]));
      expect(points.length).toBeLessThanOrEqual(2000);
      if (step > 1) expect(points.length).toBeGreaterThan(1000);
    }
  });
});
