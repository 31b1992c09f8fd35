// The page.

import { useEffect } from "preact/hooks";
import { onKey } from "./model/keys.js";
import type { Session } from "./model/session.js";
import { frame, openHash, session } from "./model/store.js";
import { theme } from "./model/theme.js";
import { Confusion } from "./views/confusion.js";
import { AccuracyCurve, GradientCurve, LossCurve } from "./views/curves.js";
import { DataPanel } from "./views/data-panel.js";
import { Files } from "./views/files.js";
import { Header } from "./views/header.js";
import { Histograms } from "./views/histograms.js";
import { AddLayer } from "./views/layer-heads.js";
import { LessonPanel } from "./views/lesson-panel.js";
import { NetworkDiagram } from "./views/network-diagram.js";
import { Notices } from "./views/notices.js";
import { Outcome } from "./views/outcome.js";
import { Race } from "./views/race.js";
import { TrainingPanel } from "./views/training-panel.js";
import { Transport } from "./views/transport.js";
import { Warnings } from "./views/warnings.js";

export function App() {
  useEffect(() => {
    const open = () => {
      openHash(location.hash);
    };
    open();
    addEventListener("hashchange", open);
    document.addEventListener("keydown", onKey);
    return () => {
      removeEventListener("hashchange", open);
      document.removeEventListener("keydown", onKey);
    };
  }, []);
  return (
    <>
      <Header />
      <Notices />
      {session.value === undefined ? <main aria-busy="true" /> : <Page session={session.value} />}
    </>
  );
}

function Page({ session }: { session: Session }) {
  const props = { session, version: frame.value, theme: theme.value };
  const { run } = session;
  return (
    <main>
      <Transport {...props} />
      <TrainingPanel run={run} />
      <Warnings {...props} />
      <div class="stage">
        <DataPanel />
        <section class="network" aria-labelledby="network-title">
          <h2 id="network-title">
            Network <AddLayer />
          </h2>
          <NetworkDiagram {...props} />
        </section>
        <div class="results">
          <Outcome {...props} />
          <LossCurve {...props} />
        </div>
      </div>
      <LessonPanel {...props} />
      <section class="details" aria-labelledby="details-title">
        <h2 id="details-title">In figures</h2>
        <div class="columns-2">
          {run.problem.task === "classification" && <AccuracyCurve {...props} />}
          <GradientCurve {...props} />
          {run.problem.task === "classification" && <Confusion run={run} version={props.version} />}
          <Histograms run={run} version={props.version} />
        </div>
      </section>
      <div class="columns-2 last">
        <section aria-labelledby="race-title">
          <h2 id="race-title">How fast</h2>
          <Race run={run} onBegin={() => session.pause()} />
        </section>
        <Files />
      </div>
    </main>
  );
}
