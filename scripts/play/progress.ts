import type { Alarm } from "../../metering/ports.ts";

/** What the person at the terminal reads while the sale is played. */
export interface Progress {
  station(title: string): void;
  line(text: string, at?: number): void;
  /** Replaces itself on a terminal; elsewhere only the important ones are printed. */
  tick(text: string, at: number, important: boolean): void;
  alarm(alarm: Alarm): void;
}

export function terminalProgress(stream: NodeJS.WriteStream): Progress {
  const begun = Date.now();
  let open = false;
  let stations = 0;
  const print = (text: string) => {
    if (open) stream.write("\n");
    open = false;
    stream.write(`${text}\n`);
  };
  const stamped = (text: string, at: number) =>
    `   ${new Date(at).toISOString().slice(0, 16).replace("T", " ")}  ${text}`;
  return {
    station(title) {
      stations += 1;
      const seconds = ((Date.now() - begun) / 1_000).toFixed(1);
      print(`\n${stations}. ${title}  (${seconds} s)`);
    },
    line: (text, at) => print(at === undefined ? `   ${text}` : stamped(text, at)),
    tick(text, at, important) {
      if (!stream.isTTY) {
        if (important) print(stamped(text, at));
        return;
      }
      stream.write(`\r\u001b[2K${stamped(text, at)}`);
      open = true;
      if (important) print("");
    },
    alarm({ kind, dimension, usd, message }) {
      const stake = usd === undefined ? "" : ` ${usd} USD`;
      print(`   ! ${kind}${dimension === undefined ? "" : ` ${dimension}`}${stake}: ${message}`);
    },
  };
}
