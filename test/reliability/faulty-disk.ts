// A layer over Node's file system that fails, or dies, at a chosen operation or byte: what is done before is done for real.

import fs from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";

type FileHandle = fs.FileHandle;

/** Where it happens: at the operation of this number, from 0, or once so many bytes were written. */
export type Place = { operation: number } | { byte: number };

export class DiskError extends Error {
  code = "EIO";
}

const real = { ...fs };

export class FaultyDisk {
  /** What was asked for, in order. */
  readonly operations: string[] = [];
  #bytes = 0;
  #dead = false;

  /** @param dies whether nothing works any more from there on, as after a kill; else it fails once */
  constructor(
    readonly place: Place | undefined,
    readonly dies: boolean,
  ) {}

  /** What `use` comes to on this disk: whether it succeeded. */
  async during(use: () => Promise<void>): Promise<boolean> {
    for (const name of ["stat", "realpath", "rename", "rm", "readdir"] as const) {
      Object.assign(fs, {
        [name]: (...args: never[]) =>
          this.#attempt(name, () => (real[name] as (...args: never[]) => Promise<unknown>)(...args)),
      });
    }
    Object.assign(fs, {
      open: async (...args: Parameters<typeof real.open>) =>
        this.#wrap(await this.#attempt("open", () => real.open(...args))),
    });
    syncBuiltinESMExports();
    try {
      await use();
      return true;
    } catch (error) {
      if (error instanceof DiskError) return false;
      throw error;
    } finally {
      Object.assign(fs, real);
      syncBuiltinESMExports();
    }
  }

  async #attempt<T>(name: string, operation: () => Promise<T>): Promise<T> {
    const { place } = this;
    const isHere = place !== undefined && "operation" in place && place.operation === this.operations.length;
    this.operations.push(name);
    if (this.#dead || isHere) this.#fail(name);
    return operation();
  }

  #fail(name: string): never {
    this.#dead = this.dies;
    throw new DiskError(`EIO: the disk failed, ${name}`);
  }

  #wrap(file: FileHandle): Pick<FileHandle, "writeFile" | "chmod" | "sync" | "close"> {
    return {
      writeFile: async (bytes) => {
        await this.#attempt("write", async () => {});
        const { place } = this;
        const most = place !== undefined && "byte" in place ? place.byte - this.#bytes : Number.POSITIVE_INFINITY;
        const given = bytes as Uint8Array;
        await file.writeFile(given.subarray(0, most));
        this.#bytes += given.length;
        if (most < given.length) this.#fail("write");
      },
      chmod: (mode) => this.#attempt("chmod", () => file.chmod(mode)),
      sync: () => this.#attempt("sync", () => file.sync()),
      // the system closes the files of the dead
      close: () => this.#attempt("close", async () => {}).finally(() => file.close()),
    };
  }
}
