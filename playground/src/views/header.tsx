// The page's head: its name, presets, the link to share, the colours, help.

import { useRef, useState } from "preact/hooks";
import { shortcuts } from "../model/keys.js";
import { presets } from "../model/presets.js";
import { openHash, settings } from "../model/store.js";
import { theme, toggleTheme } from "../model/theme.js";
import { encodeSettings } from "../model/url.js";
import { Select } from "./controls.js";

export function Header() {
  const hash = encodeSettings(settings.value);
  const preset = presets.find((each) => each.hash === hash);
  const names = presets.map(({ name }) => ({ value: name, name }));
  return (
    <header class="page-head">
      <h1>
        <span class="nabla" aria-hidden="true">
          ∇
        </span>
        nablanet <span class="thin">playground</span>
      </h1>
      <Select
        label="example"
        testId="preset"
        value={preset?.name ?? ""}
        options={preset === undefined ? [{ value: "", name: "one's own" }, ...names] : names}
        onChoose={(name) => {
          const found = presets.find((each) => each.name === name);
          if (found !== undefined) openHash(found.hash);
        }}
      />
      <p class="watch" data-testid="watch">
        {preset?.watch}
      </p>
      <div class="page-buttons">
        <Share />
        <button
          type="button"
          aria-label={`Colours: ${theme.value}`}
          title="Light or dark"
          data-testid="theme"
          onClick={toggleTheme}
        >
          <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
            <circle cx="8" cy="8" r="6" fill="none" stroke="currentColor" stroke-width="1.5" />
            <path d="M8 2a6 6 0 0 1 0 12z" fill="currentColor" />
          </svg>
        </button>
        <Help />
      </div>
    </header>
  );
}

function Share() {
  const [told, tell] = useState("");
  const share = async () => {
    try {
      await navigator.clipboard.writeText(location.href);
      tell("Link copied");
    } catch {
      // pages may be forbidden to; the address bar has it
      tell("The link is in the address bar");
    }
    setTimeout(() => tell(""), 3000);
  };
  return (
    <>
      <span role="status" class="told">
        {told}
      </span>
      <button type="button" data-testid="share" title="A link that gives the same run, bit for bit" onClick={share}>
        Share
      </button>
    </>
  );
}

function Help() {
  const dialog = useRef<HTMLDialogElement>(null);
  return (
    <>
      <button type="button" data-testid="help" onClick={() => dialog.current?.showModal()}>
        Help
      </button>
      <dialog ref={dialog} aria-labelledby="help-title">
        <h2 id="help-title">How this page works</h2>
        <p>
          A feed-forward network learns in your browser, in WebAssembly. Orange is the first class and what is negative,
          blue the second and what is positive; a line's width is its weight's size, and each neuron shows where in the
          plane of the inputs it answers with more or less. Point at a weight or neuron for its value, click to change
          it or to follow it through a step.
        </p>
        <p>
          The address holds every setting: a link gives the same run, bit for bit, in every browser. Nothing leaves this
          page.
        </p>
        <table class="keys">
          <tbody>
            {shortcuts.map(({ key, name, does }) => (
              <tr key={key}>
                <th scope="row">
                  <kbd>{name}</kbd>
                </th>
                <td>{does}</td>
              </tr>
            ))}
          </tbody>
        </table>
        <form method="dialog">
          <button type="submit" class="primary">
            Close
          </button>
        </form>
      </dialog>
    </>
  );
}
