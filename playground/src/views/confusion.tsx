// Which classes are taken for which, as a table: a row for what a sample is, a column for what the network says.

import { useId, useMemo, useState } from "preact/hooks";
import { classOf, type Run } from "../model/run.js";
import type { Samples } from "../model/samples.js";
import type { ViewProps } from "./boundary.js";
import { useThrottled } from "./throttled.js";

/** Milliseconds between two counts. */
const EVERY = 250;

export function Confusion({ run, version }: Omit<ViewProps, "theme">) {
  const [part, setPart] = useState<"train" | "test">("test");
  const [group, about] = [useId(), useId()];
  const now = useThrottled(version, EVERY);
  const { classNames = [] } = run.problem;
  const counts = useMemo(() => countsOf(run, run.data[part], classNames.length), [run, part, now, run.data[part].rows]);
  const { rows } = run.data[part];
  const right = counts.reduce((sum, row, label) => sum + row[label], 0);
  return (
    <div class="view confusion">
      <h3>What is taken for what</h3>
      <fieldset class="view-choices">
        <legend>Samples</legend>
        {(["test", "train"] as const).map((each) => (
          <label key={each}>
            <input type="radio" name={group} checked={part === each} onChange={() => setPart(each)} />
            {each === "test" ? "test" : "training"}
          </label>
        ))}
      </fieldset>
      <p class="about" id={about}>
        {right} of {rows} right. Rows are what they are, columns what the network says.
      </p>
      <div class="scroll-x">
        <table aria-describedby={about}>
          <thead>
            <tr>
              <td class="corner" />
              {classNames.map((name) => (
                <th key={name} scope="col">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {counts.map((row, label) => (
              <Row key={classNames[label]} name={classNames[label]} counts={row} label={label} />
            ))}
          </tbody>
        </table>
      </div>
    </div>
  );
}

function Row({ name, counts, label }: { name: string; counts: readonly number[]; label: number }) {
  const total = Math.max(
    1,
    counts.reduce((sum, count) => sum + count, 0),
  );
  return (
    <tr>
      <th scope="row">{name}</th>
      {counts.map((count, said) => (
        <td
          key={said}
          class={said === label ? "right" : count > 0 ? "wrong" : undefined}
          style={{ "--share": count / total }}
        >
          {count}
        </td>
      ))}
    </tr>
  );
}

/** counts[is][said] */
function countsOf({ network }: Run, { inputs, labels, rows }: Samples, classes: number): number[][] {
  const counts = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  const answers = network.predict(inputs);
  const { outputs } = network;
  for (let row = 0; row < rows; row++) {
    const said = classOf(answers.subarray(row * outputs, (row + 1) * outputs));
    counts[labels?.[row] ?? 0][said] += 1;
  }
  return counts;
}
