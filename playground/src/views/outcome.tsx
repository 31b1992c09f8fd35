// What the network answers: over the plane, along the line, or to a drawing; whatever the problem has.

import type { Session } from "../model/session.js";
import { Boundary } from "./boundary.js";
import { Curve } from "./curve.js";
import { DigitPad } from "./digit-pad.js";

interface OutcomeProps {
  session: Session;
  version: number;
  theme: string;
}

export function Outcome({ session, ...rest }: OutcomeProps) {
  const { run } = session;
  return (
    <section class="outcome" aria-labelledby="outcome-title">
      <h2 id="outcome-title">What it answers</h2>
      {run.problem.name === "digits" ? (
        <DigitPad run={run} {...rest} onTeach={(image, label) => session.teach(image, label)} />
      ) : run.network.inputs === 1 ? (
        <Curve run={run} {...rest} />
      ) : (
        <Boundary run={run} {...rest} />
      )}
    </section>
  );
}
