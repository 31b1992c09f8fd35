// Contestants, each in its process, with a task prepared. One that fails is told and left out; the others go on.

import { log } from "./log.mjs";
import { Remote } from "./remote.mjs";

/** Versions of those that took part in anything, by name. */
export const versions = {};

export class Team {
  members = [];
  /** { name, why } */
  leftOut = [];

  /** Starts and prepares those of the roster that can be, one after the other. */
  static async prepare(roster, task) {
    const team = new Team();
    for (const entry of roster) {
      const member = new Remote(entry);
      team.members.push(member);
      await team.#inOrder([member], async () => {
        await member.prepare(task);
        await member.reset();
        versions[member.name] = member.version;
      });
    }
    return team;
  }

  get ours() {
    return this.members[0];
  }

  /** Has each do something, one after the other. Results by member, of those that didn't fail. */
  async each(action) {
    return this.#inOrder(this.members, action);
  }

  /**
   * action(member) again and again, members taking turns, and turns at going first, so that what else the machine does
   * meets all alike. Returns a list of turns, each a Map by member.
   */
  async inTurns(repetitions, action) {
    log("   timing ");
    const turns = [];
    for (let n = 0; n < repetitions; n++) {
      const first = n % this.members.length;
      turns.push(await this.#inOrder([...this.members.slice(first), ...this.members.slice(0, first)], action));
      log(".");
    }
    log("\n");
    return turns;
  }

  /** A member that throws is a member no longer. */
  async #inOrder(members, action) {
    const results = new Map();
    for (const member of [...members]) {
      try {
        results.set(member, await action(member));
      } catch (error) {
        await this.#leaveOut(member, error);
      }
    }
    return results;
  }

  async #leaveOut(member, error) {
    if (member === this.ours) throw error;
    const why = error.message.trim();
    log(`\n   ${member.name} is left out: ${why}\n`);
    this.leftOut.push({ name: member.name, why: why.split("\n", 1)[0] });
    this.members = this.members.filter((other) => other !== member);
    await member.dispose();
  }

  async dispose() {
    for (const member of this.members) await member.dispose();
  }
}
