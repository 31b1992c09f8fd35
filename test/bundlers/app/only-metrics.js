// Measures predictions, and nothing else.

import { metrics } from "nablanet";

document.title = String(metrics.accuracy([1, 0], [1, 1]));
