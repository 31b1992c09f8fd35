// The model and the data as files, to save and to open.

import { useRef } from "preact/hooks";
import { loadModel, saveData, saveModel } from "../model/files.js";
import { notify, session } from "../model/store.js";

const formats = [
  { format: "nablanet", name: "nablanet" },
  { format: "json", name: "JSON" },
  { format: "onnx", name: "ONNX" },
  { format: "javascript", name: "JavaScript that predicts" },
] as const;

export function Files() {
  const picker = useRef<HTMLInputElement>(null);
  const it = session.value;
  if (it === undefined) return null;
  const told = (doing: Promise<void>) => {
    doing.catch((error: Error) => notify(`${error.message.replace(/\.$/, "")}.`));
  };
  return (
    <section class="files" aria-labelledby="files-title">
      <h2 id="files-title">Files</h2>
      <p>
        Save the network:{" "}
        {formats.map(({ format, name }) => (
          <button
            key={format}
            type="button"
            data-testid={`save-${format}`}
            onClick={() => told(saveModel(it.run, format))}
          >
            {name}
          </button>
        ))}
      </p>
      <p>
        <button type="button" data-testid="save-data" onClick={() => saveData(it.run)}>
          Save the data as CSV
        </button>{" "}
        <button type="button" onClick={() => picker.current?.click()}>
          Open a network …
        </button>
        <input
          ref={picker}
          type="file"
          hidden
          data-testid="open-model"
          aria-label="Open a network"
          onChange={({ currentTarget }) => {
            const [file] = currentTarget.files ?? [];
            if (file !== undefined) told(loadModel(file));
            currentTarget.value = "";
          }}
        />
      </p>
      <p class="note">
        Networks of nablanet, JSON, ONNX, safetensors and brain.js are opened, if they have this problem's inputs and
        outputs.
      </p>
    </section>
  );
}
