// The app that every bundler builds: it trains, and leaves the parameters in the page.

import { Dataset, Network, Trainer } from "nablanet";
import { train } from "./train.js";

document.querySelector("output").textContent = JSON.stringify(await train({ Dataset, Network, Trainer }));
