import type { Mutant } from "./mutant.ts";

export const mutant: Mutant = {
  mistake: "What a pass that died had set out to do is nobody's any more.",
  changes: [
    {
      file: "metering/domain/pass-state.ts",
      find: `    ...running.map(([, { from, unfinished }]) => ({ from, unfinished })),
`,
      replace: `    ...running.slice(0, 0).map(([, { from, unfinished }]) => ({ from, unfinished })),
`,
    },
  ],
};
