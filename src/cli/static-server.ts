// Serves a folder's files, and nothing else, to this machine's browser.

import { readdir, readFile } from "node:fs/promises";
import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join, relative, sep } from "node:path";

/** By the ending of a file's name. */
const mediaTypes: Readonly<Record<string, string>> = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".ico": "image/x-icon",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json",
  ".png": "image/png",
  ".svg": "image/svg+xml",
  ".txt": "text/plain; charset=utf-8",
  ".wasm": "application/wasm",
  ".webmanifest": "application/manifest+json",
  ".woff2": "font/woff2",
};

/**
 * Only the page's own scripts run, its styles may be in attributes, its workers come from blobs; it is isolated from other
 * pages, which is what shared memory asks for.
 */
const headers: Readonly<Record<string, string>> = {
  "Content-Security-Policy": [
    "default-src 'self'",
    "script-src 'self' 'wasm-unsafe-eval'",
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' blob: data:",
    "worker-src blob:",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join("; "),
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
  "Cross-Origin-Resource-Policy": "same-origin",
  "X-Content-Type-Options": "nosniff",
  "Referrer-Policy": "no-referrer",
  "Cache-Control": "no-cache",
};

const ADDRESS = "127.0.0.1";

/**
 * A server of the regular files that `folder` has now, on the loopback address. A request is looked up among their names, so
 * that no path leads out of the folder.
 *
 * @param port 0 for a free one
 * @throws Error for a port that can't be had.
 */
export async function serveFolder(folder: string, port: number): Promise<{ server: Server; url: string }> {
  const files = await filesOf(folder);
  const server = createServer((request, response) => {
    answer(files, request.method ?? "", request.url ?? "", response).catch((error: Error) => {
      if (!response.headersSent) refuse(response, 500, error.message);
      else response.destroy(error);
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      const reason = error.code === "EADDRINUSE" ? "it is in use" : error.message;
      reject(new Error(`port ${port} can't be had: ${reason}`, { cause: error }));
    });
    server.listen(port, ADDRESS, resolve);
  });
  return { server, url: `http://${ADDRESS}:${(server.address() as AddressInfo).port}/` };
}

/** The files by the paths of their URLs. */
async function filesOf(folder: string): Promise<ReadonlyMap<string, string>> {
  const files = new Map<string, string>();
  for await (const file of filesIn(folder)) {
    files.set(`/${relative(folder, file).split(sep).join("/")}`, file);
  }
  const index = files.get("/index.html");
  if (index !== undefined) files.set("/", index);
  return files;
}

/** Those of its folders, too; no links, which may lead anywhere. */
async function* filesIn(folder: string): AsyncGenerator<string> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* filesIn(path);
    else if (entry.isFile()) yield path;
  }
}

async function answer(
  files: ReadonlyMap<string, string>,
  method: string,
  target: string,
  response: ServerResponse,
): Promise<void> {
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  if (method !== "GET" && method !== "HEAD") {
    response.setHeader("Allow", "GET, HEAD");
    return refuse(response, 405, "only GET and HEAD");
  }
  const path = pathOf(target);
  const file = path === undefined ? undefined : files.get(path);
  if (file === undefined) return refuse(response, 404, "no such file");
  const bytes = await readFile(file);
  response.setHeader("Content-Type", mediaTypes[extname(file)] ?? "application/octet-stream");
  response.setHeader("Content-Length", bytes.length);
  response.end(method === "HEAD" ? undefined : bytes);
}

/** The path of a request's target, without its query; undefined for one that is none. */
function pathOf(target: string): string | undefined {
  try {
    return decodeURIComponent(target.replace(/[?#].*$/s, ""));
  } catch {
    return undefined;
  }
}

function refuse(response: ServerResponse, status: number, reason: string): void {
  response.statusCode = status;
  response.setHeader("Content-Type", "text/plain; charset=utf-8");
  response.end(`${reason}\n`);
}
