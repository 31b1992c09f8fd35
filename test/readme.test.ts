// Every JavaScript example of the README runs as printed.

import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterAll, expect, it } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));
// within the package, so that "nablanet" is the package itself
const folder = `${root}build/readme`;
const readme = readFileSync(`${root}README.md`, "utf8");
const examples = [...readme.matchAll(/^```js\n(.*?)^```/gms)].map(([, code]) => code as string);

mkdirSync(folder, { recursive: true });
afterAll(() => rmSync(folder, { recursive: true }));

it("has examples", () => expect(examples.length).toBeGreaterThan(3));

examples.forEach((code, i) => {
  it(`example ${i + 1} runs`, () => {
    const file = `${folder}/example-${i + 1}.mjs`;
    writeFileSync(file, code);
    const output = execFileSync(process.execPath, [file], { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
    // the first one says what it prints
    if (i === 0) expect(output).toMatch(/^\{\n {2}loss: 0\.079\d*,\n {2}accuracy: 0\.980\d*,\n {2}confusionMatrix: \[/);
  });
});
