// Serves the built package and pages to a browser, on loopback, with a strict content security policy.

import { readFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { extname } from "node:path";

const root = new URL("../../", import.meta.url);
const kinds: Record<string, string> = {
  ".html": "text/html",
  ".css": "text/css",
  ".js": "text/javascript",
  ".mjs": "text/javascript",
};

export async function serve(files: Record<string, Uint8Array>): Promise<{ url: string; server: Server }> {
  const server = createServer(async (request, response) => {
    const { searchParams, pathname } = new URL(request.url as string, "http://here");
    response.setHeader("Content-Type", kinds[extname(pathname)] ?? "application/octet-stream");
    // no more than nablanet says that it needs; the documentation's pages have their scripts in them
    const inline = searchParams.has("inline") ? " 'unsafe-inline'" : "";
    const workers = searchParams.has("blobs") ? "; worker-src blob:" : "";
    // another origin that scripts come from
    const other = searchParams.has("from") ? ` ${searchParams.get("from")}` : "";
    // the playground's icon is in its page, so that it is there without a network
    const images = "img-src 'self' data:";
    const policy = `default-src 'self'; ${images}; script-src 'self' 'wasm-unsafe-eval'${other}${inline}${workers}`;
    response.setHeader("Content-Security-Policy", policy);
    // as CDNs say
    response.setHeader("Access-Control-Allow-Origin", "*");
    response.setHeader("Cross-Origin-Resource-Policy", "cross-origin");
    // every file of an isolated page says so; a page that isn't has no shared memory
    if (!searchParams.has("alone")) {
      response.setHeader("Cross-Origin-Opener-Policy", "same-origin");
      response.setHeader("Cross-Origin-Embedder-Policy", "require-corp");
    }
    // every page asks for one
    if (pathname === "/favicon.ico") return response.writeHead(204).end();
    try {
      response.end(files[pathname] ?? (await readFile(new URL(`.${pathname}`, root))));
    } catch {
      response.statusCode = 404;
      response.end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server };
}
