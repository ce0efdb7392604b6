/** Elements as they come, and the frame of every page. */
export const base = `
* { box-sizing: border-box; }
html { font: 100%/1.55 var(--sans); -webkit-text-size-adjust: 100%; scroll-padding-top: 1rem; }
body {
  margin: 0 auto; max-width: 74rem; padding: 0 clamp(1rem, 4vw, 3rem);
  background: var(--ground); color: var(--ink);
  font-variant-numeric: tabular-nums; overflow-wrap: break-word;
}
h1, h2, h3 { line-height: 1.2; margin: 0; text-wrap: balance; font-weight: 650; }
h1 { font-size: clamp(1.7rem, 1.2rem + 2.2vw, 2.5rem); letter-spacing: -0.02em; }
h2 { font-size: 1.0625rem; }
h3 { font-size: 1.0625rem; }
p, ul, ol, dl, table, pre { margin: 0 0 0.9rem; }
p, li, dd { max-width: 68ch; }
ul, ol { padding-left: 1.3rem; }
a { color: var(--accent); text-underline-offset: 0.18em; text-decoration-thickness: 1px; }
a:hover { color: var(--accent-strong); text-decoration-thickness: 2px; }
code, pre { font-family: var(--mono); font-size: 0.875em; }
code { overflow-wrap: anywhere; }
pre {
  background: var(--raised); border: 1px solid var(--hairline); border-radius: 4px;
  padding: 0.75rem 0.9rem; overflow-x: auto; line-height: 1.5; margin: 0;
}
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; border-radius: 2px; }
main:focus { outline: none; }
summary { cursor: pointer; color: var(--accent); width: fit-content; margin-bottom: 0.6rem; }

.skip { position: absolute; left: -99rem; }
.skip:focus { left: 1rem; top: 0.5rem; background: var(--raised); padding: 0.4rem 0.7rem; z-index: 1; }
.unseen {
  position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%);
  white-space: nowrap;
}
.note { color: var(--soft); font-size: 0.875rem; }
.note b { color: inherit; }

.masthead {
  display: flex; flex-wrap: wrap; align-items: baseline; justify-content: space-between;
  gap: 0.4rem 2rem; padding: 1.1rem 0; border-bottom: 1px solid var(--hairline);
}
.brand { color: var(--ink); text-decoration: none; }
.brand span { color: var(--soft); font-size: 0.875rem; }
.masthead nav { display: flex; flex-wrap: wrap; gap: 0.3rem 1.4rem; align-items: baseline; }
.masthead nav a { text-decoration: none; padding: 0.2rem 0; }
.masthead nav a:hover { text-decoration: underline; }
.masthead nav a[aria-current] { color: var(--ink); box-shadow: 0 2px 0 var(--accent); }
.masthead form { display: inline; }
.colophon {
  border-top: 1px solid var(--hairline); margin-top: 3rem; padding: 1.2rem 0 2.5rem;
  color: var(--soft); font-size: 0.875rem;
}
.colophon p { margin-bottom: 0.3rem; }

.hero { padding: clamp(1.8rem, 4vw, 3.2rem) 0 1.2rem; }
.hero > * + * { margin-top: 1rem; }
.hero p { margin-bottom: 0; }
.lede { font-size: 1.125rem; max-width: 60ch; }
.lede code { font-size: 0.82em; display: inline-block; max-width: 100%; }
.eyebrow { color: var(--soft); font-size: 0.9rem; }
.part {
  display: grid; grid-template-columns: minmax(10rem, 13rem) minmax(0, 1fr); gap: 0.6rem 2.5rem;
  border-top: 1px solid var(--hairline); padding: 1.5rem 0 1.1rem;
}
.part.wide { grid-template-columns: minmax(0, 1fr); }
.rail .note { margin: 0.35rem 0 0; }
@media (max-width: 50rem) { .part { grid-template-columns: minmax(0, 1fr); } }
`;
