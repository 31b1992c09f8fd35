// Labelled controls: a choice, a slider, a number.

import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";

interface SelectProps<T extends string> {
  label: ComponentChildren;
  /** For those who don't see what it stands beside. */
  title?: string;
  value: T;
  options: readonly (T | { value: T; name: string })[];
  onChoose(value: T): void;
  testId: string;
}

export function Select<T extends string>({ label, title, value, options, onChoose, testId }: SelectProps<T>) {
  const id = useId();
  const named = options.map((each) => (typeof each === "string" ? { value: each, name: each as string } : each));
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <select
        id={id}
        value={value}
        aria-label={title ?? undefined}
        data-testid={testId}
        onChange={({ currentTarget }) => {
          const found = named.find((each) => each.value === currentTarget.value);
          if (found !== undefined) onChoose(found.value);
        }}
      >
        {named.map((each) => (
          <option key={each.value} value={each.value} selected={each.value === value}>
            {each.name}
          </option>
        ))}
      </select>
    </div>
  );
}

/** A choice among numbers, and the one that is set, if it is another. */
export function NumberSelect({
  values,
  value,
  onChoose,
  ...rest
}: Omit<SelectProps<string>, "value" | "options" | "onChoose"> & {
  values: readonly number[];
  value: number;
  onChoose(value: number): void;
}) {
  const all = values.includes(value) ? values : [...values, value].sort((a, b) => a - b);
  return (
    <Select {...rest} value={String(value)} options={all.map(String)} onChoose={(text) => onChoose(Number(text))} />
  );
}

interface SliderProps {
  label: string;
  value: number;
  least: number;
  most: number;
  step: number;
  shown: string;
  onInput(value: number): void;
  testId: string;
}

export function Slider({ label, value, least, most, step, shown, onInput, testId }: SliderProps) {
  const id = useId();
  return (
    <div class="field slider">
      <label for={id}>{label}</label>
      <output for={id}>{shown}</output>
      <input
        id={id}
        type="range"
        min={least}
        max={most}
        step={step}
        value={value}
        aria-valuetext={shown}
        data-testid={testId}
        onInput={({ currentTarget }) => onInput(Number(currentTarget.value))}
      />
    </div>
  );
}

interface NumberFieldProps {
  label: ComponentChildren;
  value: number;
  least: number;
  most: number;
  onChange(value: number): void;
  testId: string;
}

/** An integer; what isn't one within bounds is put back. */
export function NumberField({ label, value, least, most, onChange, testId }: NumberFieldProps) {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <input
        id={id}
        type="number"
        inputMode="numeric"
        min={least}
        max={most}
        step={1}
        value={value}
        data-testid={testId}
        onChange={({ currentTarget }) => {
          const given = Number(currentTarget.value);
          if (currentTarget.value !== "" && Number.isInteger(given) && given >= least && given <= most) onChange(given);
          else currentTarget.value = String(value);
        }}
      />
    </div>
  );
}
