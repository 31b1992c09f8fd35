// What commands say, and where: results to stdout, all that is said on the way to stderr.

import pc from "picocolors";

export interface TerminalOptions {
  /** stdout has JSON and nothing else; text for people goes to stderr. */
  json?: boolean;
  /** No text for people at all. */
  quiet?: boolean;
}

export type Colours = ReturnType<typeof pc.createColors>;

export class Terminal {
  readonly json: boolean;
  readonly quiet: boolean;
  /** Where text for people goes. */
  readonly #people: NodeJS.WriteStream;
  readonly colours: Colours;

  constructor({ json = false, quiet = false }: TerminalOptions) {
    this.json = json;
    this.quiet = quiet;
    this.#people = json ? process.stderr : process.stdout;
    const isColoured = this.#people.isTTY === true || Boolean(process.env.FORCE_COLOR);
    // which heeds NO_COLOR, and colours where CI is set, terminal or not
    this.colours = pc.createColors(pc.isColorSupported && isColoured);
  }

  /** Characters in a line. */
  get columns(): number {
    return this.#people.columns || 80;
  }

  /** A remark on the way. */
  note(text: string): void {
    if (!this.quiet) process.stderr.write(`${text}\n`);
  }

  /** What came of it, for people. */
  show(text: string): void {
    if (!this.quiet) this.#people.write(`${text}\n`);
  }

  heading(text: string): void {
    this.show(`\n${this.colours.bold(text)}`);
  }

  /** What came of it, for programs; only with `json`. */
  result(value: unknown): void {
    if (this.json) process.stdout.write(`${JSON.stringify(value, undefined, 2)}\n`);
  }
}
