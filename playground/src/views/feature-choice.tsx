// Which two inputs span the plane, where there are more.

export interface FeatureChoiceProps {
  names: readonly string[];
  chosen: readonly [number, number];
  onChoose(chosen: readonly [number, number]): void;
}

export function FeatureChoice({ names, chosen, onChoose }: FeatureChoiceProps) {
  const choose = (axis: 0 | 1, feature: number) => {
    const other = chosen[1 - axis] === feature ? chosen[axis] : chosen[1 - axis];
    onChoose(axis === 0 ? [feature, other] : [other, feature]);
  };
  return (
    <div class="view-choices">
      {(["across", "up"] as const).map((label, axis) => (
        <label key={label}>
          {label}{" "}
          <select
            value={chosen[axis]}
            onChange={({ currentTarget }) => choose(axis === 0 ? 0 : 1, Number(currentTarget.value))}
          >
            {names.map((name, feature) => (
              <option key={name} value={feature}>
                {name}
              </option>
            ))}
          </select>
        </label>
      ))}
      <p>The other inputs are at their means.</p>
    </div>
  );
}
