// Nothing for nablanet: static files below /Next, from the packages of the folder above.

import { fileURLToPath } from "node:url";

export default {
  output: "export",
  basePath: "/Next",
  turbopack: { root: fileURLToPath(new URL("..", import.meta.url)) },
};
