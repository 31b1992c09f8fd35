// What a page may say before it makes its first network.

import { options, wrongKind } from "./checks.js";
import { setWorkerUrl } from "./engine/platform.js";

export interface InitOptions {
  /**
   * Where browsers find the workers' script, of threads and of fits with `worker: true`: the file `nablanet/worker` of this
   * package, served from the page's own origin. Default: a blob, which a content security policy has to allow by
   * `worker-src blob:`. Node and its like need none.
   */
  workerUrl?: string | URL;
}

/** Settings for the whole realm. Not needed, unless a default doesn't fit; call it before the first network is made. */
export function init(initOptions: InitOptions): void {
  const { workerUrl } = options(initOptions, "init", ["workerUrl"]);
  if (workerUrl !== undefined && typeof workerUrl !== "string" && !(workerUrl instanceof URL)) {
    wrongKind("workerUrl", "a string or URL", workerUrl);
  }
  setWorkerUrl(workerUrl as string | URL | undefined);
}
