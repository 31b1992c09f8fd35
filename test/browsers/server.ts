// Serves the built package and a page to a browser, on loopback, with a strict content security policy.

import { readFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { extname } from "node:path";

const root = new URL("../../", import.meta.url);
const kinds: Record<string, string> = { ".html": "text/html", ".js": "text/javascript" };

export async function serve(files: Record<string, Uint8Array>): Promise<{ url: string; server: Server }> {
  const server = createServer(async (request, response) => {
    const path = request.url as string;
    response.setHeader("Content-Type", kinds[extname(path)] ?? "application/octet-stream");
    response.setHeader(
      "Content-Security-Policy",
      "default-src 'self'; script-src 'self' 'unsafe-inline' 'wasm-unsafe-eval'",
    );
    // every page asks for one
    if (path === "/favicon.ico") return response.writeHead(204).end();
    try {
      response.end(files[path] ?? (await readFile(new URL(`.${path}`, root))));
    } catch {
      response.statusCode = 404;
      response.end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server };
}
