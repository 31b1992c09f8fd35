// Installs the peers, unless that has been done: so the benchmark is one command.

import { installBeside } from "../../scripts/install-beside.mjs";

export const install = () => installBeside(new URL(".", import.meta.url), "the peers (about 400 MB)");
