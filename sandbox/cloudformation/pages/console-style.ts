/** What the console's pages add to the sandbox's own sheet. */
export const CONSOLE_STYLE = `
.trail { font-size: .875rem; margin: 0 0 .75rem; color: var(--soft); }
.head { display: flex; flex-wrap: wrap; gap: .75rem; align-items: center; justify-content: space-between; margin: 0 0 1rem; }
.head h1 { margin: 0; overflow-wrap: anywhere; }
.panel > h2 { border-bottom: 1px solid var(--line); padding-bottom: .5rem; margin-bottom: .9rem; }
fieldset.panel { min-width: 0; padding-top: .6rem; } fieldset.panel > legend { font-weight: 700; padding: 0 .4rem; }
.field { margin: 0 0 1.1rem; max-width: 44rem; }
.field label, .field .label { display: block; font-weight: 600; }
.field .hint { margin: .1rem 0 .3rem; font-size: .875rem; color: var(--soft); }
.field input, .field select, .field textarea { font: inherit; width: 100%; padding: .45rem .6rem; color: inherit;
  background: var(--paper); border: 1px solid var(--soft); border-radius: 6px; }
.field [aria-invalid=true] { border: 2px solid var(--bad); }
.field .wrong { color: var(--bad); font-size: .875rem; margin: .3rem 0 0; }
.check { display: flex; gap: .6rem; align-items: flex-start; }
.check input { width: 1.2rem; height: 1.2rem; margin-top: .15rem; flex: none; }
.box { border: 1px solid var(--line); border-left: 4px solid var(--link); border-radius: 6px; padding: .8rem 1rem; margin: 0 0 1rem; }
.box.alert { border-left-color: var(--bad); background: var(--paper); }
.box h2, .box h3 { margin: 0 0 .3rem; font-size: 1rem; } .box p { margin: 0 0 .5rem; }
.field:last-child, .box p:last-child { margin-bottom: 0; }
:root { --bad: #b3261e; --wait: #0b5cad; }
@media (prefers-color-scheme: dark) { :root { --bad: #ff8a80; --wait: #7cc0ff; } }
.status { font-weight: 600; white-space: nowrap; font-size: .9rem; }
.status::before { content: "●"; margin-right: .35rem; }
.status.good { color: var(--good); } .status.bad { color: var(--bad); } .status.wait { color: var(--wait); }
.status.good::before { content: "✓"; } .status.bad::before { content: "✕"; } .status.wait::before { content: "◌"; }
.sections { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; border-bottom: 1px solid var(--line); margin: 0 0 1.1rem; padding: 0 0 .5rem; }
.button { display: inline-block; font: inherit; border: 1px solid var(--line); border-radius: 6px; padding: .4rem .8rem;
  background: var(--paper); color: var(--ink); text-decoration: none; }
table.events td { font-size: .9rem; } td.when { white-space: nowrap; font-variant-numeric: tabular-nums; }
.empty { color: var(--soft); margin: 0; }
@media (max-width: 40rem) {
  table.stacked thead { position: absolute; left: -100vw; }
  table.stacked tr { display: block; border-bottom: 1px solid var(--line); padding: .4rem 0; }
  table.stacked td { display: block; border: 0; padding: .1rem 0; overflow-wrap: anywhere; }
  table.stacked td[data-label]::before { content: attr(data-label) ": "; color: var(--soft); }
  table.stacked td:empty { display: none; }
  .status { white-space: normal; font-size: .8rem; }
}
`;
