// The page that the tests talk to: it has the built package in window.nablanet.

import * as nablanet from "/dist/index.js";

window.nablanet = nablanet;
