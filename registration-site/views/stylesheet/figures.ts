/** Tables, sums, facts and the chart. */
export const figures = `
table { border-collapse: collapse; width: 100%; font-size: 0.9375rem; }
th, td { text-align: left; vertical-align: top; padding: 0.5rem 1rem 0.5rem 0; border-bottom: 1px solid var(--hairline); }
thead th { color: var(--soft); font-weight: 400; font-size: 0.8125rem; border-color: var(--edge); vertical-align: bottom; }
tbody th { font-weight: 400; }
td .note { font-size: 0.8125rem; }
ul.codes { list-style: none; padding: 0; margin: 0; }
.conditions { color: var(--soft); font-size: 0.875rem; margin-top: 0.3rem; }
.conditions ul { color: var(--ink); }
@media (min-width: 50.01rem) {
  table.cards td:first-child { min-width: 17rem; }
}
.tag + ul.codes { margin-top: 0.2rem; }
.tag.bad + ul.codes { display: block; }
@media (max-width: 50rem) {
  table.cards thead { position: absolute; clip-path: inset(50%); height: 1px; overflow: hidden; }
  table.cards, table.cards tbody, table.cards tr, table.cards td { display: block; }
  table.cards tr { border-bottom: 1px solid var(--edge); padding: 0.7rem 0; }
  table.cards td { border: 0; padding: 0.15rem 0 0.3rem; }
  table.cards td::before {
    content: attr(data-label); display: block; color: var(--soft); font-size: 0.8125rem;
  }
}
.scroll { overflow-x: auto; margin-bottom: 0.9rem; }
.scroll table { margin: 0; }
table.figures th:not(:first-child), table.figures td { text-align: right; white-space: nowrap; padding: 0.3rem 0 0.3rem 1.4rem; }
@media (max-width: 34rem) {
  table.figures { font-size: 0.875rem; }
  table.figures th:not(:first-child), table.figures td { padding-left: 0.8rem; }
}
table.figures th:first-child { padding: 0.3rem 0; white-space: nowrap; }
table.figures th.text, table.figures td.text { text-align: left; }
table.figures .tag { margin-left: 0.5rem; font-size: 0.75rem; }
table.figures td.text .tag { margin-left: 0; }
table.figures code { overflow-wrap: normal; }

dl.facts > div { display: grid; grid-template-columns: 9rem minmax(0, 1fr); gap: 0 1rem; padding: 0.45rem 0; border-bottom: 1px solid var(--hairline); }
dl.facts dt { color: var(--soft); font-size: 0.9375rem; }
dl.facts dd { margin: 0; }
dl.facts dd p { margin: 0.2rem 0 0; }
@media (max-width: 34rem) { dl.facts > div { grid-template-columns: 1fr; } }

.headline { display: flex; flex-wrap: wrap; align-items: baseline; gap: 0.2rem 0.9rem; max-width: none; }
.headline .usd { font-size: clamp(2rem, 1.4rem + 2.6vw, 3rem); font-weight: 650; letter-spacing: -0.025em; line-height: 1.1; }
.headline span { color: var(--soft); }
.usd { white-space: nowrap; }
.usd[title] { text-decoration: underline dotted var(--edge) 1px; text-underline-offset: 0.25em; }
.headline .usd[title], table.figures .usd[title] { text-decoration: none; }
dl.sum > div { display: grid; grid-template-columns: minmax(0, 1fr) auto; gap: 0 2rem; padding: 0.5rem 0; align-items: baseline; }
dl.sum > div.rule { border-top: 2px solid var(--ink); }
dl.sum dt { font-weight: 600; }
dl.sum dt .note { display: block; font-weight: 400; max-width: 60ch; }
dl.sum dd { margin: 0; text-align: right; }
table.figures.balance th:first-child { white-space: normal; padding-right: 1rem; }
table.figures.balance thead th { white-space: normal; }
table.figures.balance td .usd { white-space: normal; overflow-wrap: anywhere; }
table.balance tbody th .note { display: block; max-width: 52ch; }
table.balance tbody.rule tr:first-child > * { border-top: 2px solid var(--ink); }
dl.arithmetic { font-size: 0.875rem; margin: 0.8rem 0 0; }
dl.arithmetic dt { color: var(--soft); }
dl.arithmetic dd { margin: 0 0 0.6rem; overflow-wrap: anywhere; font-variant-numeric: tabular-nums; }
ul.terms, ul.working { list-style: none; padding: 0; margin: 0 0 1rem; }
ul.working { margin: 0.3rem 0; color: var(--soft); font-size: 0.9375rem; font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
.charge .tag { margin-left: 0.5rem; }
table.figures td.wraps { white-space: normal; min-width: 9rem; }
h3 { font-size: 1rem; margin: 1.2rem 0 0.4rem; }
.charge { border-left: 3px solid var(--hairline); padding-left: 1rem; margin-bottom: 1rem; }

.chart { overflow-x: auto; margin: 0 0 1.2rem; }
.chart svg { display: block; width: 100%; min-width: 38rem; max-width: 52rem; height: auto; }
.chart text { fill: var(--soft); font-size: 12px; font-family: var(--sans); }
.chart .panel-title { fill: var(--ink); font-weight: 600; }
.chart .end { text-anchor: end; }
.chart .middle { text-anchor: middle; }
.chart .grid { stroke: var(--hairline); }
.chart .axis { stroke: var(--edge); }
.chart .bar:not(.estimated) { fill: var(--bar); }
.chart .bar.estimated { stroke: var(--bar); stroke-width: 1; }
.chart .hatch { stroke: var(--bar); stroke-width: 3; }
.chart .mark { stroke: var(--edge); stroke-dasharray: 3 3; }
.chart path { fill: none; }
.chart .area { fill: var(--accent-wash); }
.chart .billed { stroke: var(--accent); stroke-width: 2; }
.chart .rated { stroke: var(--rated); stroke-width: 6; }
`;
