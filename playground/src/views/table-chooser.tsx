// One's own table, dropped or picked: its columns, and which of them is to be predicted.

import { useRef, useState } from "preact/hooks";
import { columnsOf, readProblem, type TableProblem } from "../data/table.js";

export interface TableChooserProps {
  /** Called with each table that could be read. */
  onProblem(problem: TableProblem): void;
}

interface Chosen {
  file: File;
  columns: readonly string[];
  target: string;
  ignore: readonly string[];
}

export function TableChooser({ onProblem }: TableChooserProps) {
  const [chosen, setChosen] = useState<Chosen>();
  const [problem, setProblem] = useState<TableProblem>();
  const [failure, setFailure] = useState("");
  // a choice that is read more slowly than a later one is none any more
  const latest = useRef<Chosen>(undefined);
  const read = async (choice: Chosen) => {
    latest.current = choice;
    setChosen(choice);
    try {
      const found = await readProblem(choice.file, choice);
      if (latest.current !== choice) return;
      setProblem(found);
      setFailure("");
      onProblem(found);
    } catch (error) {
      if (latest.current !== choice) return;
      setProblem(undefined);
      setFailure((error as Error).message);
    }
  };
  const open = async (file: File) => {
    try {
      const columns = await columnsOf(file);
      await read({ file, columns, target: columns[columns.length - 1], ignore: [] });
    } catch (error) {
      setChosen(undefined);
      setProblem(undefined);
      setFailure((error as Error).message);
    }
  };
  return (
    <div class="table-chooser">
      <DropZone onFile={open} />
      {failure !== "" && (
        <p role="alert" class="failure">
          {failure}
        </p>
      )}
      {chosen && <Columns chosen={chosen} problem={problem} onChoose={read} />}
    </div>
  );
}

function DropZone({ onFile }: { onFile(file: File): void }) {
  const [isOver, setOver] = useState(false);
  const take = (files: FileList | null | undefined) => {
    const file = files?.[0];
    if (file !== undefined) onFile(file);
  };
  return (
    <label
      class={isOver ? "drop-zone over" : "drop-zone"}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        take(event.dataTransfer?.files);
      }}
    >
      <span>Drop a table here (CSV, TSV, JSON lines, Parquet, npy, npz), or pick one:</span>
      <input
        type="file"
        accept=".csv,.tsv,.tab,.jsonl,.ndjson,.parquet,.npy,.npz,.gz,text/csv"
        onChange={({ currentTarget }) => take(currentTarget.files)}
      />
      <small>It stays on this machine.</small>
    </label>
  );
}

interface ColumnsProps {
  chosen: Chosen;
  problem: TableProblem | undefined;
  onChoose(choice: Chosen): void;
}

function Columns({ chosen, problem, onChoose }: ColumnsProps) {
  const { file, columns, target, ignore } = chosen;
  const kinds = new Map(problem?.columns.map(({ name, kind }) => [name, kind]));
  const toggle = (name: string) =>
    onChoose({ ...chosen, ignore: ignore.includes(name) ? ignore.filter((each) => each !== name) : [...ignore, name] });
  return (
    <fieldset class="columns">
      <legend>
        {file.name}
        {problem && `, ${problem.rows} rows`}
      </legend>
      <label>
        Predict{" "}
        <select
          value={target}
          onChange={({ currentTarget: { value } }) =>
            onChoose({ ...chosen, target: value, ignore: ignore.filter((each) => each !== value) })
          }
        >
          {columns.map((name) => (
            <option key={name}>{name}</option>
          ))}
        </select>
      </label>
      <p>from</p>
      <ul>
        {columns
          .filter((name) => name !== target)
          .map((name) => (
            <li key={name}>
              <label>
                <input type="checkbox" checked={!ignore.includes(name)} onChange={() => toggle(name)} /> {name}{" "}
                <small>{kinds.get(name)}</small>
              </label>
            </li>
          ))}
      </ul>
    </fieldset>
  );
}
