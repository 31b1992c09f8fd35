// Scales columns, and nothing else.

import { MinMaxScaler } from "nablanet";

document.title = JSON.stringify(MinMaxScaler);
