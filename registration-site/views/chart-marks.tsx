import type { ScaleBand } from "d3-scale";
import type { Statement } from "../../metering/domain/statement.ts";

interface Mark {
  readonly date: string;
  readonly label: string;
}

/** Where a trial or the license ended: from there on, the lines mean something else. */
export function Marks(props: {
  statement: Statement;
  across: ScaleBand<string>;
  top: number;
  bottom: number;
  right: number;
}) {
  const { across, top, bottom, right } = props;
  return (
    <>
      {marksOf(props.statement).map(({ date, label }, index) => {
        const x = pixels((across(date) ?? 0) - (across.step() - across.bandwidth()) / 2);
        const isLate = x > right - 160;
        return (
          <g>
            <line class="mark" x1={x} x2={x} y1={top} y2={bottom} />
            <text
              class={isLate ? "end" : undefined}
              x={isLate ? x - 5 : x + 5}
              y={bottom - 6 - (index % 4) * 15}
            >
              {label}
            </text>
          </g>
        );
      })}
    </>
  );
}

function marksOf({ month, terms, life }: Statement): Mark[] {
  const marks = [
    ...terms.map(({ trialUntil }) => ({ at: trialUntil, label: "your trial ends" })),
    { at: life.freeTrialEndsAt, label: "free trial ends" },
    { at: life.endedAt, label: "subscription ends" },
    ...terms.slice(1).map(({ from, title }) => ({ at: from, label: `plan ${title}` })),
  ];
  return marks.flatMap(({ at, label }) =>
    at?.startsWith(month) === true ? [{ date: at.slice(0, 10), label }] : [],
  );
}

/** Tenths are finer than a screen shows. */
const pixels = (value: number) => Math.floor(value * 10) / 10;
