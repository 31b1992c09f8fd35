// Installs the libraries that model files are checked with, unless that has been done; before vitest runs.

import { installBeside } from "../../scripts/install-beside.mjs";

export const setup = () =>
  installBeside(new URL(".", import.meta.url), "the libraries that model files are checked with");
