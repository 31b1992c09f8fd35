// A run as the page plays it: in slices that leave the page its frames, with a history and a lesson.

import type { Problem } from "../data/problem.js";
import { beginLesson, isForward, isOver, type Lesson, stepBack } from "./lesson.js";
import { type Measures, Run } from "./run.js";
import { changeBetween, type Settings } from "./settings.js";

/** What the curves are drawn from: measures, and where they were taken. */
export interface HistoryPoint extends Measures {
  /** With the share of the one under way. */
  epochs: number;
}

/** How the page is told the time, and given slices of it. */
export interface Clock {
  now(): number;
  /** Calls back before the next frame; returns what `cancel` takes. */
  request(callback: () => void): number;
  cancel(request: number): void;
}

const browserClock: Clock = {
  now: () => performance.now(),
  request: (callback) => requestAnimationFrame(callback),
  cancel: (request) => cancelAnimationFrame(request),
};

/** Mini-batches a second, as far as the machine can. */
export const speeds = [2, 10, 60, Number.POSITIVE_INFINITY] as const;

/** Milliseconds of a frame's 16 that training takes. */
const SLICE = 7;
/** Milliseconds between two points of the history, at least. */
const MEASURED_EVERY = 100;
/** Points of the history; then every second one is forgotten. */
const MOST_POINTS = 2000;

export class Session {
  static async create(
    settings: Settings,
    problem: Problem,
    onChange: () => void,
    clock = browserClock,
  ): Promise<Session> {
    return new Session(await Run.create(settings, problem), onChange, clock);
  }

  #run: Run;
  readonly #onChange: () => void;
  readonly #clock: Clock;
  #frame: number | undefined;
  #history: HistoryPoint[] = [];
  #measuredAt = 0;
  #lesson: Lesson | undefined;
  #diverged = false;
  /** Samples a second of training, drawing left out. */
  #samplesPerSecond = 0;
  /** Mini-batches owed at a speed that is less than the machine's. */
  #owed = 0;
  #lastFrame = 0;
  #speed: number = Number.POSITIVE_INFINITY;

  private constructor(run: Run, onChange: () => void, clock: Clock) {
    this.#run = run;
    this.#onChange = onChange;
    this.#clock = clock;
    this.#measure();
  }

  get run(): Run {
    return this.#run;
  }

  get playing(): boolean {
    return this.#frame !== undefined;
  }

  get history(): readonly HistoryPoint[] {
    return this.#history;
  }

  get lesson(): Lesson | undefined {
    return this.#lesson;
  }

  /** Whether the loss is no number any more, which no further step mends. */
  get diverged(): boolean {
    return this.#diverged;
  }

  get samplesPerSecond(): number {
    return this.#samplesPerSecond;
  }

  /** Mini-batches a second, at most. */
  get speed(): number {
    return this.#speed;
  }

  setSpeed(speed: number): void {
    this.#speed = speed;
    this.#onChange();
  }

  play(): void {
    if (this.playing || this.#diverged) return;
    this.#lesson = undefined;
    this.#owed = 1;
    this.#lastFrame = this.#clock.now();
    this.#frame = this.#clock.request(this.#slice);
    this.#onChange();
  }

  pause(): void {
    if (this.#frame === undefined) return;
    this.#clock.cancel(this.#frame);
    this.#frame = undefined;
    this.#measure();
    this.#onChange();
  }

  readonly #slice = (): void => {
    const begin = this.#clock.now();
    this.#owed = Math.min(this.#owed + (this.#speed * (begin - this.#lastFrame)) / 1000, Math.max(1, this.#speed / 10));
    this.#lastFrame = begin;
    const before = this.#run.progress.samples;
    let now = begin;
    while (this.#owed >= 1 && now - begin < SLICE && !this.#diverged) {
      this.#check(this.#run.stepBatch());
      this.#owed -= 1;
      now = this.#clock.now();
    }
    if (now > begin) this.#tellSpeed((this.#run.progress.samples - before) / ((now - begin) / 1000));
    if (now - this.#measuredAt >= MEASURED_EVERY) this.#measure();
    if (this.#diverged) this.pause();
    else {
      this.#frame = this.#clock.request(this.#slice);
      this.#onChange();
    }
  };

  /** A mean that forgets, as frames differ. */
  #tellSpeed(measured: number): void {
    this.#samplesPerSecond = this.#samplesPerSecond === 0 ? measured : 0.9 * this.#samplesPerSecond + 0.1 * measured;
  }

  #check(loss: number): void {
    if (!Number.isFinite(loss)) this.#diverged = true;
  }

  stepBatch(): void {
    this.#stepBy(() => this.#run.stepBatch());
  }

  stepSample(): void {
    this.#stepBy(() => this.#run.stepSample());
  }

  #stepBy(step: () => number): void {
    this.pause();
    this.#lesson = undefined;
    if (!this.#diverged) this.#check(step());
    this.#measure();
    this.#onChange();
  }

  /** Takes the next sample one layer on; a new one, where the last was learned. */
  stepForwardLayer(): void {
    this.pause();
    if (this.#lesson === undefined || isOver(this.#lesson)) this.#lesson = beginLesson(this.#run);
    else if (isForward(this.#lesson)) this.#lesson = { ...this.#lesson, step: this.#lesson.step + 1 };
    this.#onChange();
  }

  /** Takes it one layer back, and after the first layer updates the parameters. */
  stepBackwardLayer(): void {
    this.pause();
    const lesson = this.#lesson === undefined || isOver(this.#lesson) ? beginLesson(this.#run) : this.#lesson;
    this.#lesson = stepBack(lesson, this.#run);
    if (isOver(this.#lesson)) this.#measure();
    this.#onChange();
  }

  leaveLesson(): void {
    this.#lesson = undefined;
    this.#onChange();
  }

  /** Begins anew with the same settings, so the same numbers. */
  async reset(): Promise<void> {
    await this.#begin(this.#run.settings, this.#run.problem);
  }

  /** What the settings ask for: new weights where the network or the data are others, else the weights stay. */
  async change(settings: Settings, problem = this.#run.problem): Promise<void> {
    const change = problem === this.#run.problem ? changeBetween(this.#run.settings, settings) : "reset";
    if (change === "reset") return this.#begin(settings, problem);
    if (change === "none") return;
    await this.#run.adopt(settings);
    this.#lesson = undefined;
    this.#diverged = false;
    this.#measure();
    this.#onChange();
  }

  async #begin(settings: Settings, problem: Problem): Promise<void> {
    this.pause();
    const run = await Run.create(settings, problem);
    this.#run.dispose();
    this.#run = run;
    this.#history = [];
    this.#lesson = undefined;
    this.#diverged = false;
    this.#samplesPerSecond = 0;
    this.#measure();
    this.#onChange();
  }

  /** One more sample to train on, drawn by the user. */
  teach(input: Float32Array, label: number): void {
    this.#run.teach(input, label);
    this.#onChange();
  }

  /** Parameters given by hand or from a file. */
  setParameters(vector: Float32Array): void {
    this.#run.network.setParameters(vector);
    this.#lesson = undefined;
    this.#diverged = false;
    this.#measure();
    this.#onChange();
  }

  #measure(): void {
    this.#measuredAt = this.#clock.now();
    const { progress, data } = this.#run;
    const measures = this.#run.measure();
    this.#check(measures.loss);
    const point = { epochs: progress.samples / data.train.rows, ...measures };
    // what is measured again at the same place has changed by hand
    if (this.#history.at(-1)?.epochs === point.epochs) this.#history.pop();
    this.#history.push(point);
    if (this.#history.length > MOST_POINTS) this.#history = this.#history.filter((_, i) => i % 2 === 0);
  }

  dispose(): void {
    this.pause();
    this.#run.dispose();
  }
}
