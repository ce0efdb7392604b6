/** What pages are put together from. */
export const components = `
button, .button, input, select { font: inherit; color: inherit; }
button, .button {
  display: inline-block; border: 1px solid var(--edge); border-radius: 4px; cursor: pointer;
  background: var(--raised); color: var(--ink); padding: 0.45rem 0.9rem; text-decoration: none;
}
button:hover, .button:hover { border-color: var(--ink); color: var(--ink); }
.button { background: var(--accent); border-color: var(--accent); color: var(--on-accent); font-weight: 600; }
.button.quiet { background: var(--raised); color: var(--ink); border-color: var(--edge); font-weight: 400; }
.button:hover { background: var(--accent-strong); border-color: var(--accent-strong); color: var(--on-accent); }
button:disabled, button:disabled:hover {
  background: transparent; color: var(--soft); border: 1px dashed var(--edge); cursor: not-allowed;
}
button.plain { border: 0; padding: 0.2rem 0; background: none; color: var(--soft); }
button.plain:hover { color: var(--ink); text-decoration: underline; }
button.small { font-size: 0.8125rem; padding: 0.05rem 0.5rem; }
input[type="email"], select {
  background: var(--raised); border: 1px solid var(--edge); border-radius: 4px;
  padding: 0.45rem 0.6rem; width: 100%; max-width: 24rem;
}
input[aria-invalid="true"] { border: 2px solid var(--bad); }
label { font-weight: 600; }
form.stack > * { margin-bottom: 0.6rem; }
.row { display: flex; flex-wrap: wrap; gap: 0.6rem 1rem; align-items: end; }
.row > input { flex: 1 1 14rem; }
.row > div { flex: 0 1 13rem; }
.row label { display: block; margin-bottom: 0.2rem; }
.actions { display: flex; flex-wrap: wrap; gap: 0.7rem 1.2rem; align-items: center; }
.error { color: var(--bad); font-weight: 600; }
.confirmed { color: var(--good); font-weight: 600; }

p.notice { max-width: none; }
.notice { border-left: 4px solid var(--accent); background: var(--accent-wash); padding: 0.8rem 1.1rem; }
.hero > .notice p, .notice p { margin: 0 0 0.4rem; max-width: 72ch; }
.notice p:last-child { margin-bottom: 0; }
.notice h2 { margin-bottom: 0.4rem; }
.notice form { margin-top: 0.8rem; }
.notice.good { border-color: var(--good); background: var(--good-wash); }
.notice.warn { border-color: var(--warn); background: var(--warn-wash); }
.notice.bad { border-color: var(--bad); background: var(--bad-wash); }
.tag { font-size: 0.8125rem; font-weight: 600; padding: 0.1rem 0.5rem; border-radius: 3px; }
.tag.good { color: var(--good); background: var(--good-wash); }
.tag.warn { color: var(--warn); background: var(--warn-wash); }
.tag.bad { color: var(--bad); background: var(--bad-wash); }
.tag.quiet { color: var(--soft); border: 1px solid var(--hairline); font-weight: 400; padding: 0 0.4rem; }

.message { max-width: 44rem; padding: clamp(2rem, 6vw, 4rem) 0 0; }
.message h1 { margin: 0.3rem 0 1.6rem; }
.message dt { color: var(--soft); font-size: 0.875rem; }
.message dd { margin: 0 0 1rem; }

.plans { display: grid; gap: 1rem; border: 0; padding: 0; margin: 0; min-width: 0; }
.content > .plans { grid-template-columns: repeat(auto-fit, minmax(min(100%, 19rem), 1fr)); }
.plan { background: var(--raised); border: 1px solid var(--hairline); border-radius: 6px; padding: 1rem 1.2rem 0.4rem; }
.plan p { font-size: 0.9375rem; margin-bottom: 0.6rem; }
.plan .price { font-size: 1.25rem; font-weight: 600; letter-spacing: -0.01em; }
.plan .example { color: var(--soft); border-top: 1px dashed var(--hairline); padding-top: 0.6rem; }
.choice { display: grid; grid-template-columns: auto 1fr; gap: 0 0.8rem; align-content: start; }
.choice > input { margin: 0.45rem 0 0; width: 1.1rem; height: 1.1rem; accent-color: var(--accent); }
.choice > label { cursor: pointer; margin-bottom: 0.5rem; }
.choice > label .price { display: block; }
.choice > div { grid-column: 1 / -1; }
.choice:has(input:checked) { border-color: var(--accent); box-shadow: inset 0 0 0 1px var(--accent); }
.plans > .note { grid-column: 1 / -1; margin: 0; }

ol.numbered { list-style: none; padding: 0; counter-reset: step; }
ol.numbered > li { counter-increment: step; position: relative; padding: 0 0 0.8rem 2.2rem; }
ol.numbered > li::before {
  content: counter(step); position: absolute; left: 0; top: 0.05rem; width: 1.5rem; height: 1.5rem;
  border: 1px solid var(--edge); border-radius: 50%; text-align: center; font-size: 0.8125rem;
  line-height: 1.4rem; color: var(--soft);
}
ol.numbered .copyable { margin-top: 0.6rem; }

ol.steps {
  list-style: none; padding: 0; display: grid; gap: 0.5rem 0.8rem; counter-reset: step;
  grid-template-columns: repeat(4, minmax(0, 1fr));
}
ol.steps li { border-top: 4px solid var(--hairline); padding-top: 0.5rem; counter-increment: step; }
ol.steps li b::before { content: counter(step) ". "; }
ol.steps span { color: var(--soft); font-size: 0.8125rem; display: block; }
ol.steps li.done { border-color: var(--accent); }
ol.steps li.now { border-color: var(--warn); }
ol.steps li.later b { font-weight: 400; color: var(--soft); }
@media (max-width: 40rem) {
  ol.steps { grid-template-columns: 1fr 1fr; }
}

ol.timeline { list-style: none; padding: 0; }
ol.timeline li { position: relative; padding: 0 0 1rem 1.8rem; }
ol.timeline li::before {
  content: ""; position: absolute; left: 0; top: 0.42rem; width: 0.75rem; height: 0.75rem;
  border-radius: 50%; border: 2px solid var(--edge); background: var(--ground);
}
ol.timeline li.done::before { background: var(--accent); border-color: var(--accent); }
ol.timeline li:not(:last-child)::after {
  content: ""; position: absolute; left: 0.33rem; top: 1.35rem; bottom: -0.2rem; width: 2px; background: var(--hairline);
}

.copyable { display: inline-flex; flex-wrap: wrap; gap: 0.3rem 0.7rem; align-items: center; max-width: 100%; }
.copyable.block { display: grid; justify-items: start; margin-bottom: 0.9rem; }
.copyable.block pre { width: 100%; max-width: 100%; }
#install-code { font-size: 1.375rem; letter-spacing: 0.04em; font-weight: 600; }
`;
