// Serves the pages and the built package on loopback, as any web server would.

import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, sep } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const kinds = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".wasm": "application/wasm" };
/** What the pages need of the repository; nothing else is served. */
const served = [join(root, "examples"), join(root, "dist")];

const server = createServer(async ({ url }, response) => {
  // every browser asks for one
  if (url === "/favicon.ico") return response.writeHead(204).end();
  try {
    const path = join(root, decodeURIComponent(new URL(url, "http://here").pathname));
    if (!served.some((folder) => path.startsWith(folder + sep))) throw new Error("not served");
    const file = path.endsWith(sep) ? `${path}index.html` : path;
    if (!(await stat(file)).isFile()) throw new Error("not a file");
    response.setHeader("Content-Type", kinds[extname(file)] ?? "application/octet-stream");
    response.setHeader("Cache-Control", "no-cache");
    createReadStream(file).pipe(response);
  } catch {
    response.writeHead(404).end();
  }
});

const [page = "page"] = process.argv.slice(2);
server.listen(Number(process.env.PORT ?? 0), "127.0.0.1", () => {
  console.log(`http://127.0.0.1:${server.address().port}/examples/${page}/`);
});
