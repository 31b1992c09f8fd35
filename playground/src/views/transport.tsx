// Play, pause, step and begin anew; how far training has come, and how fast it goes.

import { isForward, isOver } from "../model/lesson.js";
import { type Session, speeds } from "../model/session.js";
import { Select } from "./controls.js";
import { useThrottled } from "./throttled.js";

const speedNames: Readonly<Record<string, string>> = {
  "2": "2 batches a second",
  "10": "10 batches a second",
  "60": "60 batches a second",
  Infinity: "full speed",
};

interface TransportProps {
  session: Session;
  /** Changes whenever the session does. */
  version: number;
}

export function Transport({ session, version }: TransportProps) {
  const { playing, lesson, diverged } = session;
  const canForward = lesson === undefined || isOver(lesson) || isForward(lesson);
  const isUpdate = lesson !== undefined && lesson.step === 2 * lesson.layers.length;
  const steps = [
    { id: "batch", name: "mini-batch", key: "M", can: true, take: () => session.stepBatch() },
    { id: "sample", name: "sample", key: "S", can: true, take: () => session.stepSample() },
    { id: "forward", name: "layer forward", key: "F", can: canForward, take: () => session.stepForwardLayer() },
    {
      id: "backward",
      name: isUpdate ? "update" : "layer backward",
      key: "B",
      can: true,
      take: () => session.stepBackwardLayer(),
    },
  ];
  return (
    <section class="transport" aria-label="Running">
      <button
        type="button"
        class="play"
        data-testid="play"
        aria-label={playing ? "Pause" : "Play"}
        title={playing ? "Pause (space)" : "Play (space)"}
        disabled={diverged}
        onClick={() => (playing ? session.pause() : session.play())}
      >
        <svg viewBox="0 0 24 24" width="22" height="22" aria-hidden="true">
          {playing ? <path d="M6 4h4v16H6zM14 4h4v16h-4z" /> : <path d="M7 4l13 8-13 8z" />}
        </svg>
      </button>
      <button type="button" data-testid="reset" title="Begin anew (R)" onClick={() => session.reset()}>
        Reset
      </button>
      <fieldset class="steps">
        <legend>step:</legend>
        {steps.map(({ id, name, key, can, take }) => (
          <button
            key={id}
            type="button"
            data-testid={`step-${id}`}
            title={key}
            disabled={diverged || !can}
            onClick={take}
          >
            {name}
          </button>
        ))}
      </fieldset>
      <Select
        label="speed"
        testId="speed"
        value={String(session.speed)}
        options={speeds.map((speed) => ({ value: String(speed), name: speedNames[String(speed)] }))}
        onChoose={(speed) => session.setSpeed(Number(speed))}
      />
      <Readings session={session} version={version} />
    </section>
  );
}

const percent = (share: number) => `${(100 * share).toFixed(1)} %`;

function Readings({ session, version }: TransportProps) {
  useThrottled(version, 100);
  const { run, history, samplesPerSecond } = session;
  const { epoch, steps } = run.progress;
  const last = history[history.length - 1];
  const figures: [string, string, string][] = [
    ["epoch", epoch.toLocaleString("en"), "epoch"],
    ["steps", steps.toLocaleString("en"), "steps"],
    ["training loss", lossText(last.loss), "training-loss"],
    ["test loss", lossText(last.testLoss), "test-loss"],
    ...(last.accuracy === undefined || last.testAccuracy === undefined
      ? []
      : ([["test accuracy", percent(last.testAccuracy), "test-accuracy"]] as [string, string, string][])),
    [
      "samples/s",
      samplesPerSecond === 0 ? "–" : Number(samplesPerSecond.toPrecision(2)).toLocaleString("en"),
      "speed-read",
    ],
  ];
  return (
    <dl class="readings">
      {figures.map(([name, value, id]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd data-testid={id}>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function lossText(loss: number): string {
  if (!Number.isFinite(loss)) return "no number";
  return (loss !== 0 && loss < 0.001 ? loss.toExponential(2) : loss.toPrecision(3)).replaceAll("-", "−");
}
