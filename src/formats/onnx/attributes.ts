// What a node is told besides its inputs.

import { FormatError } from "../errors.js";
import * as schema from "./schema.js";

const { FLOAT, INT, STRING, INTS } = schema.AttributeType;

export const float = (name: string, value: number) => schema.attribute.of({ name, float: value, type: FLOAT });
export const int = (name: string, value: number) => schema.attribute.of({ name, int: value, type: INT });

/** A node's attributes by name. */
export class Attributes {
  readonly #place: string;
  readonly #all: ReadonlyMap<string, schema.Attribute>;

  /** @throws FormatError for a name that is there twice. */
  constructor(place: string, all: readonly schema.Attribute[]) {
    this.#place = place;
    this.#all = new Map(all.map((each) => [each.name, each]));
    if (this.#all.size !== all.length) throw new FormatError(`${place} must have each attribute once`);
  }

  float(name: string, otherwise: number): number {
    return this.get(name, FLOAT)?.float ?? otherwise;
  }

  int(name: string, otherwise: number): number {
    return this.get(name, INT)?.int ?? otherwise;
  }

  ints(name: string): readonly number[] | undefined {
    return this.get(name, INTS)?.ints;
  }

  text(name: string, otherwise: string): string {
    return this.get(name, STRING)?.string ?? otherwise;
  }

  /** Also to be had where its type isn't told, as old writers left it out. */
  get(name: string, type: number): schema.Attribute | undefined {
    const found = this.#all.get(name);
    if (found !== undefined && found.type !== type && found.type !== 0) {
      throw new FormatError(`${this.#place}: the attribute ${name} has another type`);
    }
    return found;
  }

  /** Those that are numbers. */
  floats(): schema.Attribute[] {
    return [...this.#all.values()].filter(({ type }) => type === FLOAT);
  }

  /** " with alpha 0.5", for errors. */
  toString(): string {
    const floats = this.floats();
    return floats.length === 0 ? "" : ` with ${floats.map(({ name, float }) => `${name} ${float}`).join(", ")}`;
  }
}
