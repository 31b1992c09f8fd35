// Tables in Markdown, as Biome formats them.

/** Names to the left, numbers to the right, every cell as wide as its column's widest. */
export function markdownTable(header, rows) {
  const widths = header.map((_, i) => Math.max(3, ...[header, ...rows].map((row) => row[i].length)));
  const line = (cells) => `| ${cells.join(" | ")} |`;
  const padded = (row) => line(row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))));
  const rule = line(widths.map((width, i) => (i === 0 ? "-".repeat(width) : `${"-".repeat(width - 1)}:`)));
  return [padded(header), rule, ...rows.map(padded)].join("\n");
}
