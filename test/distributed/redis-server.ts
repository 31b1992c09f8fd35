// A Redis of the test's own: on a free port of this machine, in a temporary folder, ended with the test.

import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

const PROGRAM = "redis-server";

/** Why these tests can't run here; undefined where they can. */
export function missing(): string | undefined {
  const { error } = spawnSync(PROGRAM, ["--version"]);
  return error === undefined ? undefined : `${PROGRAM} isn't installed (Debian: apt-get install redis-server)`;
}

const listen = (server: Server, port = 0): Promise<number> =>
  new Promise((resolve) => server.listen(port, "127.0.0.1", () => resolve((server.address() as AddressInfo).port)));

const canConnect = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => resolve(socket.destroy() !== undefined));
    socket.once("error", () => resolve(false));
  });

export const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

export class RedisServer {
  readonly #folder = mkdtempSync(join(tmpdir(), "nablanet-redis-"));
  #child: ChildProcess | undefined;

  port = 0;

  async start(): Promise<void> {
    const server = createServer();
    this.port = await listen(server);
    await new Promise((resolve) => server.close(resolve));
    await this.begin();
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  /** Every command is on the disk before it is answered. */
  async begin(): Promise<void> {
    const kept = ["--appendonly", "yes", "--appendfsync", "always", "--save", ""];
    const where = ["--port", String(this.port), "--bind", "127.0.0.1", "--dir", this.#folder];
    this.#child = spawn(PROGRAM, [...where, ...kept], { stdio: "ignore" });
    while (!(await canConnect(this.port))) await pause(20);
  }

  async kill(): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const end = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGKILL");
    await end;
  }

  async stop(): Promise<void> {
    await this.kill();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** One connection through a cable. */
interface Line {
  ends: readonly [Socket, Socket];
  /** What couldn't be sent yet. */
  held: (() => void)[];
  isLost: boolean;
}

/** Stands between clients and a server, and can cut their connections, or let nothing through without telling anyone. */
export class Cable {
  readonly #lines = new Set<Line>();
  readonly #server: Server;
  #isCut = false;
  #isSilent = false;
  #port = 0;

  private constructor(port: number) {
    this.#server = createServer((client) => {
      if (this.#isCut) return client.destroy();
      const server = connect(port, "127.0.0.1");
      const line: Line = { ends: [client, server], held: [], isLost: false };
      this.#lines.add(line);
      this.#carry(line, client, server);
      this.#carry(line, server, client);
    });
  }

  #carry(line: Line, from: Socket, to: Socket): void {
    from.on("data", (bytes) => {
      if (line.isLost) return;
      if (this.#isSilent) line.held.push(() => to.write(bytes));
      else to.write(bytes);
    });
    from.on("error", () => {});
    from.on("close", () => {
      // not even that one end went away comes through
      if (line.isLost) return;
      this.#lines.delete(line);
      to.destroy();
    });
  }

  static async to(port: number): Promise<Cable> {
    const cable = new Cable(port);
    cable.#port = await listen(cable.#server);
    return cable;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.#port}`;
  }

  cut(): void {
    this.#isCut = true;
    for (const line of this.#lines) {
      line.isLost = false;
      for (const end of line.ends) end.destroy();
    }
  }

  /** Nothing comes through, and all stay connected. */
  silence(): void {
    this.#isSilent = true;
  }

  /** Nothing comes through any more between those that are connected, and they stay so; others can connect. */
  lose(): void {
    for (const line of this.#lines) line.isLost = true;
  }

  /** What was held comes through. */
  mend(): void {
    this.#isCut = false;
    this.#isSilent = false;
    for (const { held } of this.#lines) for (const send of held.splice(0)) send();
  }

  async remove(): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
