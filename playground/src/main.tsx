// The playground's entry.

import { render } from "preact";
import { App } from "./app.js";
import "./style/page.css";
import "./style/controls.css";
import "./style/network.css";
import "./style/lesson.css";
import "./style/views.css";

render(<App />, document.getElementById("app") as HTMLElement);
