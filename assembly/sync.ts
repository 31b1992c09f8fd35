// Several threads at one program: whose part of a phase is whose, and where they wait for each other.
//
// Every thread of a team runs the same functions on the same memory, each with a Thread of its own. A phase is split by
// its results, never along a sum, so that each number comes from the same operations in the same order however many
// threads there are. What a phase works on is a matrix of parts × rows (panels × rows of the batch, or × rows of weights);
// a thread's share is a stretch of it, read part by part and in each part from row to row, in units of some rows.
//
//   Team ┐ size, what the barrier counts
//        └ Thread 0 … Thread size − 1, each with its scratch memory behind it

/** How long a thread sleeps at most before it looks again, in ns. */
const NAP: i64 = 100_000_000;

/**
 * How often a thread counts at a barrier before it goes to sleep: for 1 ms, where each has a core to itself. Threads that
 * sleep sooner look to the system like work for one core, on which it then leaves them: two threads were 0.2 to 0.9 times as
 * fast as one with 50 µs, and 1.8 times with 1 ms (784-128-10, batch 32). More threads than cores would wait for each other's
 * spinning.
 */
const SPINS: i32 = 4_000_000;
const FEW_SPINS: i32 = 8_000;

/** It looks each time it has counted so far: WebKit's atomic loads are writes, which hold up the thread that is waited for. */
const GAP: i32 = 64;

/**
 * Some browsers tell of more cores than there are (WebKitGTK: at least 4), and cores may be busy otherwise. Then threads spin
 * until the system takes the core from one of them and gives it to the one that they wait for, some 3 ms at each barrier. A team
 * that counted more than FAIR per barrier for some time (32 ms) sleeps early at its next barriers, and then tries again. Three
 * threads on two cores took 50 times as long without.
 */
const FAIR: i32 = SPINS / 16;
const TOO_LONG: i32 = 32 * SPINS;
const EARLY: i32 = 32_768;

/** Fields that threads write lie on cache lines of their own. */
const LINE: usize = 64;

@unmanaged @final
export class Team {
  size: i32;
  /** Bytes from one thread to the next. */
  threadBytes: usize;
  /** Set from outside where a thread was lost: all others leave at their next barrier. */
  stopped: i32;
  /** Threads that have come to the barrier at hand. */
  arrived: i32;
  /** Barriers passed, which those who wait look at. */
  turn: i32;
  /** Threads that sleep, and must be woken. */
  sleeping: i32;
  /** Whether it has more threads than there are cores. */
  crowded: bool;
  /** What its threads counted of late beyond FAIR. Exactness doesn't matter, so it isn't read and written as a whole. */
  overdue: i32;
  /** At how many more barriers they sleep early. */
  early: i32;
  /** Threads that haven't finished the work at hand. */
  unfinished: i32;
  /** How often threads began some work, of all that it was given. */
  begun: i32;

  @inline thread(rank: i32): Thread {
    return changetype<Thread>(changetype<usize>(this) + LINE + <usize>rank * this.threadBytes);
  }
}

@unmanaged @final
export class Thread {
  team: Team;
  rank: i32;
  /** Whether it is in the middle of some work. */
  works: i32;

  // this thread's share of the phase at hand
  /** The part, and the rows of it, that `next` came to. */
  part: i32;
  from: i32;
  to: i32;
  private rows: i32;
  private unit: i32;
  private units: i32;
  private at: i32;
  private left: i32;

  /** Memory that no other thread touches. */
  @inline get scratch(): usize {
    return changetype<usize>(this) + LINE;
  }

  /** Whether this thread does what is done once. */
  @inline get leads(): bool {
    return this.rank == 0;
  }

  /** Begins a phase of parts × rows, split between threads at multiples of `unit` rows. */
  @inline begin(parts: i32, rows: i32, unit: i32): void {
    const units = (rows + unit - 1) / unit;
    const size = this.team.size;
    this.rows = rows;
    this.unit = unit;
    this.units = units;
    this.part = -1;
    this.at = 0;
    this.left = parts * units;
    if (size > 1) {
      const all = <i64>parts * <i64>units;
      const first = <i32>((all * this.rank) / size);
      this.left = <i32>((all * (this.rank + 1)) / size) - first;
      this.part = first / units - 1;
      this.at = first % units;
    }
  }

  /** Goes on to the next stretch within one part, if there is one. */
  @inline next(): bool {
    if (this.left == 0) return false;
    const end = min(this.units, this.at + this.left);
    this.part += 1;
    this.from = this.at * this.unit;
    this.to = min(this.rows, end * this.unit);
    this.left -= end - this.at;
    this.at = 0;
    return true;
  }

  /** Returns when every thread of the team has come here. Where the team was stopped, this thread ends in a trap. */
  @inline wait(): void {
    if (ASC_FEATURE_THREADS && this.team.size > 1) meet(this);
  }

  // a team of one may be on a worker; where it isn't, nobody reads what these tell

  /** Tells those who look from outside that this thread begins its part of the work. */
  @inline enter(): void {
    if (ASC_FEATURE_THREADS) {
      atomic.store<i32>(changetype<usize>(this) + offsetof<Thread>("works"), 1);
      atomic.add<i32>(changetype<usize>(this.team) + offsetof<Team>("begun"), 1);
      // who comes late must touch nothing, as others may do the work already
      if (atomic.load<i32>(changetype<usize>(this.team) + offsetof<Team>("stopped"))) this.leave();
    }
  }

  /** Tells them that it is done. */
  @inline finish(): void {
    if (ASC_FEATURE_THREADS) {
      atomic.sub<i32>(changetype<usize>(this.team) + offsetof<Team>("unfinished"), 1);
      atomic.store<i32>(changetype<usize>(this) + offsetof<Thread>("works"), 0);
    }
  }

  /** Ends in a trap what a stopped team will never finish. */
  leave(): void {
    atomic.store<i32>(changetype<usize>(this) + offsetof<Thread>("works"), 0);
    unreachable();
  }
}

function meet(thread: Thread): void {
  const team = thread.team;
  const turns = changetype<usize>(team) + offsetof<Team>("turn");
  const turn = atomic.load<i32>(turns);
  if (atomic.add<i32>(changetype<usize>(team) + offsetof<Team>("arrived"), 1) == team.size - 1) {
    atomic.store<i32>(changetype<usize>(team) + offsetof<Team>("arrived"), 0);
    atomic.store<i32>(turns, turn + 1);
    if (atomic.load<i32>(changetype<usize>(team) + offsetof<Team>("sleeping")) > 0) atomic.notify(turns, -1);
    return;
  }
  if (spin(team, turns, turn)) return;
  atomic.add<i32>(changetype<usize>(team) + offsetof<Team>("sleeping"), 1);
  while (atomic.load<i32>(turns) == turn) {
    if (atomic.load<i32>(changetype<usize>(team) + offsetof<Team>("stopped"))) thread.leave();
    // a stop that came since it was looked for wakes nobody, so it is looked for again
    atomic.wait<i32>(turns, turn, NAP);
  }
  atomic.sub<i32>(changetype<usize>(team) + offsetof<Team>("sleeping"), 1);
}

/** Looks for the next turn for a while; whether it came. */
function spin(team: Team, turns: usize, turn: i32): bool {
  const sleepsEarly = team.crowded || team.early > 0;
  const most = sleepsEarly ? FEW_SPINS : SPINS;
  let spins = 0;
  while (spins < most && ((spins & (GAP - 1)) != 0 || atomic.load<i32>(turns) == turn)) spins++;
  if (sleepsEarly) {
    if (team.early > 0) team.early -= 1;
  } else {
    team.overdue = max(0, team.overdue + spins - FAIR);
    if (team.overdue > TOO_LONG) {
      team.overdue = 0;
      team.early = EARLY;
    }
  }
  return spins < most;
}

/** Before a team is given some work that others will look at. */
export function begin(team: Team): void {
  if (ASC_FEATURE_THREADS) {
    atomic.store<i32>(changetype<usize>(team) + offsetof<Team>("unfinished"), team.size);
  }
}

/** How many of its threads haven't finished it; of a team that was stopped, how many haven't left it yet. */
export function unfinished(team: Team): i32 {
  if (!ASC_FEATURE_THREADS) return 0;
  if (!atomic.load<i32>(changetype<usize>(team) + offsetof<Team>("stopped"))) {
    return atomic.load<i32>(changetype<usize>(team) + offsetof<Team>("unfinished"));
  }
  return working(team);
}

/** How many of its threads are in the middle of it. */
function working(team: Team): i32 {
  let count = 0;
  for (let rank = 0; rank < team.size; rank++) {
    count += atomic.load<i32>(changetype<usize>(team.thread(rank)) + offsetof<Thread>("works"));
  }
  return count;
}

/**
 * A number that changes as long as the team gets on with its work: with each thread that begins or ends, with each barrier. A
 * team of one has no barriers: while its thread is in the middle, the number is negative.
 */
export function pulse(team: Team): i32 {
  if (!ASC_FEATURE_THREADS) return 0;
  if (team.size == 1 && working(team) > 0) return -1;
  const begun = atomic.load<i32>(changetype<usize>(team) + offsetof<Team>("begun"));
  const turns = atomic.load<i32>(changetype<usize>(team) + offsetof<Team>("turn"));
  const left = atomic.load<i32>(changetype<usize>(team) + offsetof<Team>("unfinished"));
  return (begun + turns - left) & 0x7fffffff;
}

/** Lets everybody who waits, or comes to wait, leave by a trap: one of the team will never come. */
export function stop(team: Team): void {
  if (ASC_FEATURE_THREADS) {
    atomic.store<i32>(changetype<usize>(team) + offsetof<Team>("stopped"), 1);
    atomic.notify(changetype<usize>(team) + offsetof<Team>("turn"), -1);
  }
}

/** A thread that is gone works no more. */
export function lose(thread: Thread): void {
  if (ASC_FEATURE_THREADS) atomic.store<i32>(changetype<usize>(thread) + offsetof<Thread>("works"), 0);
}

/** Bytes of a team whose threads have so much scratch memory each. */
export function teamBytes(size: i32, scratchBytes: usize): f64 {
  return <f64>LINE + <f64>size * <f64>threadBytes(scratchBytes);
}

export function buildTeam(team: Team, size: i32, crowded: bool, scratchBytes: usize): void {
  team.size = size;
  team.threadBytes = threadBytes(scratchBytes);
  team.stopped = 0;
  team.arrived = 0;
  team.turn = 0;
  team.sleeping = 0;
  team.crowded = crowded;
  team.overdue = 0;
  team.early = 0;
  team.unfinished = 0;
  team.begun = 0;
  for (let rank = 0; rank < size; rank++) {
    const thread = team.thread(rank);
    thread.team = team;
    thread.rank = rank;
    thread.works = 0;
  }
}

// @ts-ignore: decorator
@inline
function threadBytes(scratchBytes: usize): usize {
  return LINE + ((scratchBytes + LINE - 1) & ~(LINE - 1));
}
