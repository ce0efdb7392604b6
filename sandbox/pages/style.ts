/** One sheet for the sandbox's own pages; readable from 320 px on, dark when the system is. */
export const STYLE = `
:root { color-scheme: light dark; --ink: #16191f; --soft: #545b64; --paper: #fff; --ground: #f2f3f3;
  --line: #d5dbdb; --link: #0b5cad; --accent: #b8500b; --on-accent: #fff; --bar: #1d2733; --good: #1d7a34; }
@media (prefers-color-scheme: dark) { :root { --ink: #e9ebed; --soft: #b0b8c0; --paper: #192330;
  --ground: #0f1721; --line: #3b4754; --link: #7cc0ff; --accent: #ffb066; --on-accent: #241300;
  --bar: #0a0f16; --good: #7bd88f; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink);
  font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
a { color: var(--link); }
:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
.bar { background: var(--bar); color: #fff; padding: .6rem 1rem; display: flex; flex-wrap: wrap;
  gap: .5rem 1.25rem; align-items: center; }
.bar a { color: #fff; } .bar .name { font-weight: 700; margin-right: auto; text-decoration: none; }
.bar form { display: flex; flex-wrap: wrap; gap: .5rem; align-items: center; margin: 0; min-width: 0; }
.bar select { max-width: min(100%, 22rem); }
.bar select, .bar button { font: inherit; font-size: .875rem; padding: .2rem .4rem; }
.note { background: #fff3cd; color: #3d2f00; padding: .4rem 1rem; font-size: .875rem; }
main { max-width: 68rem; margin: 0 auto; padding: 1.25rem 1rem 4rem; }
h1 { font-size: 1.75rem; line-height: 1.25; margin: .25rem 0 .5rem; }
h2 { font-size: 1.2rem; margin: 0 0 .5rem; }
.lead { color: var(--soft); margin: 0 0 1.25rem; max-width: 46rem; }
.panel { background: var(--paper); border: 1px solid var(--line); border-radius: 8px; padding: 1.1rem;
  margin: 0 0 1.1rem; overflow-wrap: anywhere; }
.columns { display: grid; gap: 1.1rem; grid-template-columns: minmax(0, 2fr) minmax(16rem, 1fr); align-items: start; }
@media (max-width: 46rem) { .columns { grid-template-columns: minmax(0, 1fr); } }
.scroll { overflow-x: auto; } table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .5rem .6rem; border-bottom: 1px solid var(--line); vertical-align: top; }
/* Words stay whole in tables; only ids, set as code, may break anywhere. */
th, td { overflow-wrap: break-word; } td code { overflow-wrap: anywhere; }
th { font-size: .875rem; color: var(--soft); }
td.number { white-space: nowrap; } td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; }
button.main { font: inherit; font-weight: 700; border: 0; border-radius: 6px; padding: .6rem 1.2rem;
  background: var(--accent); color: var(--on-accent); cursor: pointer; }
button.quiet { font: inherit; border: 1px solid var(--line); border-radius: 6px; padding: .4rem .8rem;
  background: var(--paper); color: var(--ink); cursor: pointer; }
.actions { display: flex; flex-wrap: wrap; gap: .6rem; align-items: center; } .actions form { margin: 0; }
dl { display: grid; grid-template-columns: minmax(7rem, max-content) minmax(0, 1fr); gap: .3rem 1rem; margin: 0; }
dt { color: var(--soft); } dd { margin: 0; }
.panel > :last-child { margin-bottom: 0; } .panel > input[type=hidden] + p { margin-top: 0; }
@media (max-width: 40rem) { th, td { padding: .5rem .3rem; } dl { grid-template-columns: minmax(0, 1fr); gap: 0; } dd { margin: 0 0 .5rem; } }
code, pre { font: .875rem/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; }
pre { overflow-x: auto; background: var(--ground); padding: .8rem; border-radius: 6px; margin: .5rem 0; }
.state { font-weight: 600; } .state.ACTIVE { color: var(--good); }
.small { font-size: .875rem; color: var(--soft); }
`;
