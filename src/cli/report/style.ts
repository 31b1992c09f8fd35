// The report's style sheet: light and dark as the reader's system is, readable at 320 pixels.

export const style = `
:root { color-scheme: light dark; --ink: #1c2024; --faint: #5d666f; --rule: #d9dde1; --page: #fff; --card: #f6f7f8;
  --training: #0b6bcb; --held-out: #b4540a; --right: 22 130 70; --wrong: 200 40 40; }
@media (prefers-color-scheme: dark) { :root { --ink: #e8eaed; --faint: #a0a8b0; --rule: #3a4047; --page: #16191c;
  --card: #1f2327; --training: #6cb3ff; --held-out: #f5a55c; --right: 60 190 120; --wrong: 240 100 90; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 56rem; padding: 1.5rem 1rem 4rem; background: var(--page); color: var(--ink);
  font: 16px/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 .25rem; }
h2 { font-size: 1.15rem; margin: 2.25rem 0 .75rem; }
p { margin: .25rem 0; }
.faint, figcaption { color: var(--faint); font-size: .9rem; }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(8.5rem, 1fr)); gap: .75rem; margin: 1.25rem 0; padding: 0; }
.figures div { background: var(--card); border-radius: .5rem; padding: .6rem .8rem; }
.figures dt { color: var(--faint); font-size: .85rem; }
.figures dd { margin: 0; font-size: 1.35rem; font-variant-numeric: tabular-nums; overflow-wrap: normal; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: .93rem; }
th, td { padding: .3rem .7rem; text-align: right; border-bottom: 1px solid var(--rule); overflow-wrap: normal; }
th:first-child, td:first-child { text-align: left; padding-left: 0; overflow-wrap: break-word; max-width: 20rem; }
td:not(:first-child) { white-space: nowrap; }
table.words th, table.words td { text-align: left; vertical-align: top; }
table.words td:last-child { overflow-wrap: anywhere; white-space: normal; min-width: 9rem; }
th { color: var(--faint); font-weight: 600; }
table.matrix td { text-align: center; min-width: 2.6rem; border: 2px solid var(--page); }
table.matrix th { max-width: 8rem; border: 0; text-align: center; white-space: nowrap; overflow: hidden; text-overflow: ellipsis; }
table.matrix tbody th { text-align: right; padding-left: 0; }
.right { background: rgb(var(--right) / var(--share)); }
.wrong { background: rgb(var(--wrong) / var(--share)); }
figure { margin: 0 0 1rem; }
svg { display: block; width: 100%; height: auto; }
svg text { fill: var(--faint); font: 12px system-ui, sans-serif; }
.grid { stroke: var(--rule); }
polyline { fill: none; stroke-width: 2; stroke-linejoin: round; }
polyline.training { stroke: var(--training); }
polyline.held-out { stroke: var(--held-out); stroke-dasharray: 6 3; }
.same { stroke: var(--faint); stroke-dasharray: 4 4; }
.dots circle { fill: var(--training); fill-opacity: .55; }
.legend span { margin-right: 1.25rem; white-space: nowrap; }
.legend span::before { content: ""; display: inline-block; width: 1.5rem; margin-right: .4rem; vertical-align: middle; border-top: 2px solid; }
.legend .training::before { border-color: var(--training); }
.legend .dots::before { border-color: var(--training); border-top-style: dotted; }
.legend .held-out::before { border-color: var(--held-out); border-top-style: dashed; }
@media (max-width: 30rem) { svg text { font-size: 20px; } th, td { padding: .3rem .45rem; }
  table.matrix th { max-width: 6rem; } }
`;
