// A weighted sum, written out term by term, the middle left out where there are many.

import { Fragment } from "preact";
import { factor } from "./number.js";

export interface Term {
  /** Counts from 0. */
  index: number;
  left: number;
  right: number;
}

const MOST = 6;

export function Terms({ terms, marked }: { terms: readonly Term[]; marked?: number | undefined }) {
  const first = terms.length <= MOST ? terms : terms.slice(0, MOST - 1);
  const chosen = terms.find(({ index }) => index === marked);
  const shown = chosen === undefined || first.includes(chosen) ? first : [...first.slice(0, -1), chosen];
  const rest = terms.filter((term) => !shown.includes(term));
  const sum = rest.reduce((total, { left, right }) => total + left * right, 0);
  return (
    <>
      {shown.map((term, i) => (
        <Fragment key={term.index}>
          {i > 0 && " + "}
          <span class={term.index === marked ? "term marked" : "term"}>
            {factor(term.left)}·{factor(term.right)}
          </span>
        </Fragment>
      ))}
      {rest.length > 0 && (
        <>
          {" + "}
          <span class="term">
            {factor(sum)} <small>of {rest.length} more</small>
          </span>
        </>
      )}
    </>
  );
}
