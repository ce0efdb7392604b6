/** The colours of both schemes. Every text pair is at least 4.5:1 on its ground. */
export const tokens = `
:root {
  color-scheme: light dark;
  --ground: #fbfbf8;
  --raised: #ffffff;
  --ink: #1c2126;
  --soft: #555f68;
  --hairline: #dcdfd9;
  --edge: #868f8b;
  --accent: #0b5d57;
  --accent-strong: #084842;
  --on-accent: #ffffff;
  --accent-wash: #e8f2f0;
  --good: #1b653a;
  --good-wash: #e9f4ec;
  --warn: #7a4400;
  --warn-wash: #fdf3e1;
  --bad: #9a1f1f;
  --bad-wash: #fceeec;
  --bar: #7590a0;
  --bar-estimated: #cbd7dd;
  --rated: #bb8330;
  --sans: -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", Arial, system-ui, sans-serif;
  --mono: ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #13171a;
    --raised: #1a1f23;
    --ink: #e7e9e6;
    --soft: #a5afb5;
    --hairline: #2d353a;
    --edge: #74808a;
    --accent: #74c7bb;
    --accent-strong: #9adbd1;
    --on-accent: #0b211e;
    --accent-wash: #17302d;
    --good: #8ad3a2;
    --good-wash: #162a1d;
    --warn: #efbb72;
    --warn-wash: #2d2415;
    --bad: #f4a29b;
    --bad-wash: #331d1c;
    --bar: #6f8fa1;
    --bar-estimated: #37464f;
    --rated: #a1742f;
  }
}
`;
