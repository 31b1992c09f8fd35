#!/usr/bin/env node
// The command line: nablanet <command>. Bundled with the libraries it draws with, so that users install none.

import { run } from "./program.js";

process.exitCode = await run(process.argv.slice(2));
