/** A statement goes to the accounts department, on A4 or Letter: black on white, buttons gone. */
export const print = `
@page { margin: 16mm 14mm; }
@media print {
  :root {
    color-scheme: light;
    --ground: #fff; --raised: #fff; --ink: #000; --soft: #444; --hairline: #ccc; --edge: #777;
    --accent-wash: #fff; --good: #000; --good-wash: #fff; --warn: #7a4400;
    --warn-wash: #fff; --bad: #000; --bad-wash: #fff; --bar: #777; --bar-estimated: #ddd;
    --rated: #bbb; --accent: #000;
  }
  html { font-size: 9.5pt; }
  body { max-width: none; padding: 0; }
  .masthead nav, .skip, .no-print, button { display: none !important; }
  .masthead { padding: 0 0 3mm; }
  .hero { padding: 5mm 0 2mm; }
  .hero > * + * { margin-top: 2mm; }
  .part { grid-template-columns: 32mm minmax(0, 1fr); gap: 0 6mm; padding: 4mm 0 2mm; }
  a { color: inherit; text-decoration: none; }
  .scroll, .chart { overflow: visible; }
  .chart svg { min-width: 0; }
  pre { white-space: pre-wrap; border: 0; padding: 0; }
  .chart, dl.sum > div, dl.arithmetic, .charge, tr, li { break-inside: avoid; }
  h2, h3, .rail { break-after: avoid; }
  p { orphans: 3; widows: 3; }
  .colophon a[href^="http"]::after { content: " (" attr(href) ")"; overflow-wrap: anywhere; }
  table.figures tbody th .note { display: block; }
  table.figures code { font-size: 7pt; }
  table.figures td.text, table.figures code { white-space: normal; overflow-wrap: anywhere; }
  thead { display: table-header-group; }
  table { font-size: 8.5pt; }
  th, td { padding-top: 0.6mm !important; padding-bottom: 0.6mm !important; }
  .colophon { margin-top: 6mm; padding: 3mm 0 0; }
}
`;
