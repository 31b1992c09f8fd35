// The session's warnings, looked for about once a second.

import { useMemo } from "preact/hooks";
import type { Session } from "../model/session.js";
import { warningsOf } from "../model/warnings.js";
import { useThrottled } from "./throttled.js";

export function Warnings({ session, version }: { session: Session; version: number }) {
  const looked = useThrottled(version, 1000);
  const warnings = useMemo(() => warningsOf(session), [session, looked, session.diverged]);
  return (
    <div class="warnings" role="status" data-testid="warnings">
      {warnings.map((warning) => (
        <p key={warning}>{warning}</p>
      ))}
    </div>
  );
}
