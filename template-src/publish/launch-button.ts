/**
 * The *Launch Stack* button: an image of its own, drawn with strokes instead of a font, so that it
 * looks the same wherever a README or a page shows it. Dark text on light and light text on dark
 * pages both keep it apart: it brings its own ground and edge.
 */
export function launchButtonSvg(): string {
  let x = TEXT_LEFT;
  const letters = LETTERS.map(([path, width]) => {
    const letter = `<path transform="translate(${x} 13)" d="${path}"/>`;
    x = Math.round((x + width + 3.2) * 10) / 10;
    return letter;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="182" height="40" viewBox="0 0 182 40" role="img" aria-label="Launch Stack">`,
    `<title>Launch Stack</title>`,
    `<rect x=".75" y=".75" width="180.5" height="38.5" rx="7.25" fill="#0b4f8a" stroke="#7db8ea" stroke-width="1.5"/>`,
    `<g fill="none" stroke="#fff" stroke-linecap="round" stroke-linejoin="round" stroke-width="1.9">`,
    ...ICON,
    ...letters,
    `</g>`,
    `</svg>`,
    ``,
  ].join("\n");
}

const TEXT_LEFT = 46;

/** Layers with an arrow rising out of them. */
const ICON = [
  `<path d="M13 25.5l9.5 5 9.5-5"/>`,
  `<path d="M13 20.5l9.5 5 9.5-5"/>`,
  `<path d="M22.5 20V8.5M18.2 12.8L22.5 8.5l4.3 4.3"/>`,
];

/** Strokes in a box 14 high, and each letter's width. */
const LETTERS: readonly (readonly [string, number])[] = [
  ["M0 0V14H7.5", 7.5],
  ["M8.4 4.6V14M8.4 9.3a4.2 4.7 0 1 0-8.4 0a4.2 4.7 0 1 0 8.4 0", 8.4],
  ["M0 4.6V10.2a3.8 3.8 0 0 0 7.6 0V4.6M7.6 10V14", 7.6],
  ["M0 4.6V14M0 8.4a3.8 3.8 0 0 1 7.6 0V14", 7.6],
  ["M7.6 6.2a4.3 4.7 0 1 0 0 6.2", 7.6],
  ["M0 0V14M0 8.4a3.8 3.8 0 0 1 7.6 0V14", 12.5],
  [
    "M8.3 2.3C7.5 .8 6.1 0 4.4 0C2 0 .4 1.4 .4 3.5C.4 8 8.8 5.9 8.8 10.4C8.8 12.7 6.9 14 4.5 14C2.5 14 .9 13.2 0 11.6",
    8.6,
  ],
  ["M2.8 .9V11a3 3 0 0 0 3 3h.6M0 4.6H6.2", 6.2],
  ["M8.4 4.6V14M8.4 9.3a4.2 4.7 0 1 0-8.4 0a4.2 4.7 0 1 0 8.4 0", 8.4],
  ["M7.6 6.2a4.3 4.7 0 1 0 0 6.2", 7.4],
  ["M0 0V14M7 4.6L0 10.2M2.8 8L7.4 14", 7.4],
];

/** For a README. */
export function launchButtonMarkdown(url: string, imageUrl: string): string {
  return `[![Launch Stack](${imageUrl})](${url})`;
}

/** For a page. The console opens in a tab of its own and learns nothing about the page. */
export function launchButtonHtml(url: string, imageUrl: string): string {
  return `<a href="${escaped(url)}" target="_blank" rel="noopener noreferrer"><img src="${escaped(imageUrl)}" alt="Launch Stack" width="182" height="40"></a>`;
}

const escaped = (text: string) =>
  text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
