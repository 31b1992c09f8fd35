// The book's symbols, set as mathematics is: letters slanted, the layer above in brackets, neurons below.

import type { ComponentChildren } from "preact";

interface SymbolProps {
  children: ComponentChildren;
  /** Counts from 1. */
  layer?: number | undefined;
  /** Neurons, counted from 0 here and from 1 on the page; or the letter of one. */
  of?: readonly (number | string)[];
}

/** One letter with its layer and neurons. */
export function Sym({ children, layer, of = [] }: SymbolProps) {
  return (
    <span class="sym">
      <i>{children}</i>
      {(layer !== undefined || of.length > 0) && (
        <span class="scripts">
          <sup>{layer !== undefined && `(${layer})`}</sup>
          <sub>
            {of.map((index) =>
              typeof index === "number" ? <span key={index}>{index + 1} </span> : <i key={index}>{index} </i>,
            )}
          </sub>
        </span>
      )}
    </span>
  );
}

/** w, or the bias where no neuron is told that it comes from. */
export function Weight({ layer, to, from }: { layer: number; to: number; from?: number | undefined }) {
  return from === undefined ? (
    <Sym layer={layer} of={[to]}>
      b
    </Sym>
  ) : (
    <Sym layer={layer} of={[to, from]}>
      w
    </Sym>
  );
}

export function Fraction({ over, under }: { over: ComponentChildren; under: ComponentChildren }) {
  return (
    <span class="fraction">
      <span>{over}</span>
      <span class="hidden"> by </span>
      <span>{under}</span>
    </span>
  );
}

/** ∂C/∂ of something. */
export function Derivative({ by }: { by: ComponentChildren }) {
  return (
    <Fraction
      over={
        <>
          ∂<i>C</i>
        </>
      }
      under={<>∂{by}</>}
    />
  );
}
