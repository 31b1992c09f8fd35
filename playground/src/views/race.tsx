// The race of nablanet against plain JavaScript, as two bars.

import { useEffect, useRef, useState } from "preact/hooks";
import { plainWork } from "../model/plain.js";
import { networkOptions, trainerOptions } from "../model/plan.js";
import { race, type Standing } from "../model/race.js";
import type { Run } from "../model/run.js";

export interface RaceProps {
  run: Run;
  /** Training stops, so that neither is slowed by it. */
  onBegin(): void;
}

type State =
  | { kind: "ready" }
  | { kind: "racing"; standing?: Standing }
  | { kind: "over"; standing: Standing }
  | { kind: "failed"; reason: string };

export function Race({ run, onBegin }: RaceProps) {
  const [state, setState] = useState<State>({ kind: "ready" });
  const running = useRef<AbortController>(undefined);
  useEffect(() => () => running.current?.abort(), []);
  const answer = plainWork(run.network, trainerOptions(run.settings, run.data.shape));
  const begin = async () => {
    onBegin();
    const controller = new AbortController();
    running.current = controller;
    let standing: Standing | undefined;
    setState({ kind: "racing" });
    try {
      await race({
        network: networkOptions(run.settings, run.data.shape, {
          inputs: run.network.normalize,
          targets: run.network.normalizeTargets,
        }),
        trainer: trainerOptions(run.settings, run.data.shape),
        data: run.data.trainData,
        signal: controller.signal,
        onTurn: (soFar) => {
          standing = soFar;
          setState({ kind: "racing", standing });
        },
      });
      if (standing !== undefined) setState({ kind: "over", standing });
    } catch (error) {
      if (!controller.signal.aborted) setState({ kind: "failed", reason: (error as Error).message });
    }
  };
  return (
    <div class="view race">
      <p>
        This network, on these samples in mini-batches of {run.settings.trainer.batchSize}, trained by nablanet and by
        plain JavaScript that is written for speed: one thread each, about a second each, in turns. The numbers agree
        but for rounding.
      </p>
      <button type="button" disabled={state.kind === "racing" || "lacks" in answer} onClick={begin}>
        {state.kind === "racing" ? "Racing …" : "Race plain JavaScript"}
      </button>
      {"lacks" in answer && <p>Not with these settings: the plain JavaScript has no {answer.lacks}.</p>}
      {state.kind === "failed" && <p role="alert">The race couldn't be held: {state.reason}</p>}
      {"standing" in state && state.standing !== undefined && (
        <Bars standing={state.standing} isOver={state.kind === "over"} />
      )}
    </div>
  );
}

function Bars({ standing: { nablanet, plain }, isOver }: { standing: Standing; isOver: boolean }) {
  const speeds = [nablanet, plain].map(({ samples, seconds }) => samples / seconds);
  return (
    <>
      <ul>
        {["nablanet", "plain JavaScript"].map((name, i) => (
          <li key={name}>
            <span>{name}</span>
            <span class="bar" style={{ "--share": speeds[i] / Math.max(...speeds) }} />
            <span>{rounded(speeds[i])} samples/s</span>
          </li>
        ))}
      </ul>
      <p role="status">{isOver && verdict(speeds[0] / speeds[1])}</p>
    </>
  );
}

/** Less of a difference may be chance. */
const TIE = 1.05;

function verdict(ratio: number): string {
  if (ratio >= TIE) return `nablanet was ${ratio.toFixed(1)} times as fast.`;
  if (ratio <= 1 / TIE) return `Plain JavaScript was ${(1 / ratio).toFixed(1)} times as fast.`;
  return "Both were about as fast.";
}

/** Three digits say enough of a measurement. */
const rounded = (speed: number) => Number(speed.toPrecision(3)).toLocaleString("en");
