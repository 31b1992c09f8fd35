// What can be done by a single key.

import type { Session } from "./session.js";
import { session } from "./store.js";

export interface Shortcut {
  key: string;
  /** As it is shown. */
  name: string;
  does: string;
  run(session: Session): unknown;
}

export const shortcuts: readonly Shortcut[] = [
  { key: " ", name: "Space", does: "play or pause", run: (it) => (it.playing ? it.pause() : it.play()) },
  { key: "m", name: "M", does: "train on one mini-batch", run: (it) => it.stepBatch() },
  { key: "s", name: "S", does: "train on one sample", run: (it) => it.stepSample() },
  { key: "f", name: "F", does: "one layer forward", run: (it) => it.stepForwardLayer() },
  { key: "b", name: "B", does: "one layer backward, at last the update", run: (it) => it.stepBackwardLayer() },
  { key: "r", name: "R", does: "begin anew", run: (it) => it.reset() },
];

/** Elements that want their keys for themselves. */
const TAKES_KEYS = "input, select, textarea, button, a, summary, [contenteditable], dialog";

export function onKey(event: KeyboardEvent): void {
  const { key, target, ctrlKey, metaKey, altKey, repeat } = event;
  if (ctrlKey || metaKey || altKey || session.value === undefined) return;
  if (target instanceof Element) {
    const owner = target.closest(TAKES_KEYS);
    // letters do nothing on buttons and links, which only space and enter press
    if (owner !== null && (key === " " || !owner.matches("button, a, summary"))) return;
  }
  const shortcut = shortcuts.find((each) => each.key === key.toLowerCase());
  if (shortcut === undefined || (repeat && key === " ")) return;
  event.preventDefault();
  shortcut.run(session.value);
}
