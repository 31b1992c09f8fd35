// nablanet playground: what it serves, what it refuses, how it ends. The page itself is tested in test/browsers.

import type { ChildProcess } from "node:child_process";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer, request, type Server } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { serveFolder } from "../../src/cli/static-server.js";
import { CommandLine, ended } from "../command-line.js";

const built = fileURLToPath(new URL("../../dist/playground/", import.meta.url));
const cli = new CommandLine();
afterAll(() => cli.remove());

/** Waits for the address that the command says. */
function addressOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    child.stdout?.on("data", (text) => resolve(String(text).trim()));
    child.on("close", (code) => reject(new Error(`ended with ${code}`)));
  });
}

/** A request whose path goes out as it is. */
function send(url: string, path: string, method = "GET"): Promise<{ status: number; body: string; headers: object }> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const sent = request({ hostname, port, path, method }, (response) => {
      let body = "";
      response.setEncoding("utf8").on("data", (text) => {
        body += text;
      });
      response.on("end", () => resolve({ status: response.statusCode ?? 0, body, headers: response.headers }));
    });
    sent.on("error", reject);
    sent.end();
  });
}

describe("the command", () => {
  it("serves the built page, isolated and under a strict policy, until Ctrl-C", async () => {
    const child = cli.start("playground");
    const end = ended(child);
    const url = await addressOf(child);
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/);
    const page = await fetch(url);
    expect(await page.text()).toBe(readFileSync(join(built, "index.html"), "utf8"));
    expect(Object.fromEntries(page.headers)).toMatchObject({
      "content-type": "text/html; charset=utf-8",
      "cross-origin-opener-policy": "same-origin",
      "cross-origin-embedder-policy": "require-corp",
      "x-content-type-options": "nosniff",
    });
    const policy = page.headers.get("content-security-policy") ?? "";
    expect(policy).toMatch(/script-src 'self' 'wasm-unsafe-eval';/);
    // a connection that is kept doesn't keep the server
    const { hostname, port } = new URL(url);
    const idle = connect(Number(port), hostname).on("error", () => {});
    await new Promise((resolve) => idle.once("connect", resolve));
    child.kill("SIGINT");
    expect(await end).toEqual({ code: 0, stdout: `${url}\n`, stderr: "Ctrl-C ends it.\n" });
    await expect(fetch(url)).rejects.toThrow();
  });

  it("serves every file with its media type", async () => {
    const child = cli.start("playground --json");
    const { url } = JSON.parse(await addressOf(child));
    const files = (readdirSync(built, { recursive: true }) as string[]).filter((name) =>
      statSync(join(built, name)).isFile(),
    );
    for (const name of files) {
      const answer = await fetch(url + name.replaceAll("\\", "/"));
      expect(answer.status).toBe(200);
      expect(answer.headers.get("content-type")).not.toBe("application/octet-stream");
      expect(Buffer.from(await answer.arrayBuffer()).equals(readFileSync(join(built, name)))).toBe(true);
    }
    child.kill("SIGINT");
    await ended(child);
  });

  it("has the licences of all that the page is bundled from", () => {
    const licences = readFileSync(join(built, "licences.txt"), "utf8");
    for (const name of ["preact", "@preact/signals", "uplot", "papaparse", "hyparquet", "fflate"]) {
      expect(licences).toMatch(new RegExp(`^(.*! )?${name}$`, "m"));
    }
    expect(licences.match(/Permission is hereby granted/g)?.length).toBeGreaterThanOrEqual(6);
  });

  it("takes the port that it is told, and says so where it can't", async () => {
    const other: Server = createServer();
    await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
    const { port } = other.address() as AddressInfo;
    const taken = await cli.run(`playground --port ${port}`);
    expect([taken.code, taken.stderr]).toEqual([1, `nablanet: port ${port} can't be had: it is in use\n`]);
    await new Promise((resolve) => other.close(resolve));
    const child = cli.start(`playground --port ${port}`);
    expect(await addressOf(child)).toBe(`http://127.0.0.1:${port}/`);
    child.kill("SIGINT");
    await ended(child);
    for (const wrong of ["65536", "-1", "1.5", "x"]) {
      const { code, stderr } = await cli.run(["playground", `--port=${wrong}`]);
      expect([code, stderr]).toEqual([2, expect.stringMatching(/It must be an integer from 0 to 65535, got/)]);
    }
  });

  it.skipIf(process.platform !== "linux")("opens the browser, or says why not", async () => {
    mkdirSync(cli.path("bin"));
    cli.write("bin/xdg-open", `#!/bin/sh\necho "$1" > "${cli.path("opened")}"\n`);
    const { chmodSync } = await import("node:fs");
    chmodSync(cli.path("bin/xdg-open"), 0o755);
    const child = cli.start("playground --open", { PATH: [cli.path("bin"), process.env.PATH].join(delimiter) });
    const url = await addressOf(child);
    await expect
      .poll(() => readdirSync(cli.folder).includes("opened") && readFileSync(cli.path("opened"), "utf8"))
      .toBe(`${url}\n`);
    child.kill("SIGINT");
    await ended(child);
    const without = cli.start("playground --open", { PATH: "" });
    const end = ended(without);
    await addressOf(without);
    await new Promise((resolve) =>
      without.stderr?.on("data", (text) => /can't be opened/.test(text) && resolve(undefined)),
    );
    without.kill("SIGINT");
    expect((await end).stderr).toMatch(/^Ctrl-C ends it\.\nThe browser can't be opened: .*ENOENT/);
  });
});

describe("the server", () => {
  let folder: string;
  let server: Server;
  let url: string;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "nablanet-served-"));
    writeFileSync(join(folder, "secret.txt"), "secret");
    mkdirSync(join(folder, "page", "assets"), { recursive: true });
    writeFileSync(join(folder, "page", "index.html"), "index");
    writeFileSync(join(folder, "page", "assets", "a b.js"), "script");
    symlinkSync(join(folder, "secret.txt"), join(folder, "page", "link.txt"));
    symlinkSync(folder, join(folder, "page", "linked"));
    ({ server, url } = await serveFolder(join(folder, "page"), 0));
  });
  afterAll(() => {
    server.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it("finds files by their paths, whatever the query", async () => {
    expect(await send(url, "/?seed=1#x")).toMatchObject({ status: 200, body: "index" });
    expect(await send(url, "/assets/a%20b.js?v")).toMatchObject({
      status: 200,
      body: "script",
      headers: { "content-type": "text/javascript; charset=utf-8" },
    });
    const head = await send(url, "/index.html", "HEAD");
    expect(head).toMatchObject({ status: 200, body: "", headers: { "content-length": "5" } });
  });

  it.each([
    "/../secret.txt",
    "/..%2fsecret.txt",
    "/%2e%2e/secret.txt",
    "/assets/../../secret.txt",
    "/..\\secret.txt",
    "/%2e%2e%5csecret.txt",
    "//etc/passwd",
    "/etc/passwd",
    "/link.txt",
    "/linked/secret.txt",
    "/assets",
    "/assets/",
    "/%00",
    "/%",
    "/__proto__",
    "http://other.example/secret.txt",
    "*",
  ])("has no file %s", async (path) => {
    expect(await send(url, path)).toMatchObject({ status: 404, body: "no such file\n" });
  });

  it.each(["POST", "PUT", "DELETE", "OPTIONS", "TRACE"])("refuses %s", async (method) => {
    expect(await send(url, "/", method)).toMatchObject({ status: 405, headers: { allow: "GET, HEAD" } });
  });
});
