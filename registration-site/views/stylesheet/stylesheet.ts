import { base } from "./base.ts";
import { components } from "./components.ts";
import { figures } from "./figures.ts";
import { print } from "./print.ts";
import { tokens } from "./tokens.ts";

/** Written by hand, served as one file; print comes last because it takes things away. */
export const stylesheet = [tokens, base, components, figures, print].join("\n");
