// Answers rows over HTTP, with node:http alone. Settings: HOST, PORT and MODEL, the model's file.

import { createServer } from "node:http";
import { fileURLToPath } from "node:url";
import { answer, answerBatch, BadRequest } from "./answers.mjs";
import { loadOrTrain } from "./model.mjs";

const { HOST = "127.0.0.1", PORT = "8080" } = process.env;
const MODEL = process.env.MODEL ?? fileURLToPath(new URL("model.nabla", import.meta.url));
const LONGEST_BODY = 4 * 2 ** 20;

const network = await loadOrTrain(MODEL);

const routes = {
  "GET /health": () => ({ status: "ok", inputs: network.inputs, parameters: network.parameterCount }),
  "POST /predict": async (request) => answer(network, await json(request)),
  "POST /predict/batch": async (request, signal) => answerBatch(network, await json(request), signal),
};

const server = createServer(async (request, response) => {
  const left = new AbortController();
  response.on("close", () => left.abort());
  const [status, body] = await respond(request, left.signal);
  response.writeHead(status, { "Content-Type": "application/json" }).end(`${JSON.stringify(body)}\n`);
});

async function respond(request, signal) {
  const path = request.url.split("?")[0];
  const route = `${request.method} ${path}`;
  if (!Object.hasOwn(routes, route)) {
    const isKnown = Object.keys(routes).some((each) => each.endsWith(` ${path}`));
    return [isKnown ? 405 : 404, { error: `no ${route} here, only ${Object.keys(routes).join(", ")}` }];
  }
  try {
    return [200, await routes[route](request, signal)];
  } catch (error) {
    if (error instanceof BadRequest) return [400, { error: error.message }];
    // nobody reads the answer to a request that was given up
    if (!signal.aborted) console.error(error);
    return [500, { error: "the service failed" }];
  }
}

async function json(request) {
  const pieces = [];
  let length = 0;
  for await (const piece of request) {
    length += piece.length;
    // the rest is read and dropped: an answer to a body that is still being sent would be lost
    if (length <= LONGEST_BODY) pieces.push(piece);
  }
  if (length > LONGEST_BODY) throw new BadRequest(`the body must have at most ${LONGEST_BODY} bytes, got ${length}`);
  try {
    return JSON.parse(Buffer.concat(pieces).toString("utf8"));
  } catch (error) {
    throw new BadRequest(`the body must be JSON: ${error.message}`);
  }
}

server.listen(Number(PORT), HOST, () => console.log(`http://${HOST}:${server.address().port}`));

/** Takes no more connections, answers what was asked, and ends by itself. */
function shutDown() {
  server.close(() => console.log("stopped"));
  server.closeIdleConnections();
}
process.once("SIGTERM", shutDown);
process.once("SIGINT", shutDown);
