import { scaleBand, scaleLinear, type ScaleLinear } from "d3-scale";
import { area, line } from "d3-shape";
import type { Statement } from "../../metering/domain/statement.ts";
import { monthText, readableUsd } from "./format.tsx";
import { Marks } from "./chart-marks.tsx";
import { countsCost } from "./statement-sum.tsx";
import { type MeterDays, unitsByDay } from "./statement-units.ts";

const WIDTH = 760;
const LEFT = 64;
const RIGHT = 8;
const PANEL_HEIGHT = 132;
const PANEL_TOP = 32;
const PANEL_GAP = 46;
/** Legends stand beside the titles, so that a narrow window shows them without scrolling. */
const LEGEND_X = 176;

/** Floating point is for positions on the page only; every figure beside it is exact. */
const position = (usd: string) => Number(usd);

type Day = Statement["days"][number];
type Vertical = ScaleLinear<number, number>;

/**
 * Panels over the same days, because daily cost, usage and cumulated charges are of different size:
 * above what AWS reports or the product counts, below what the rules make of it and what AWS has
 * accepted.
 */
export function StatementChart({ statement }: { statement: Statement }) {
  const { days, month } = statement;
  const bars = barPanels(statement);
  const dates = daysOfMonth(month);
  const across = scaleBand(dates, [LEFT, WIDTH - RIGHT])
    .paddingInner(0.25)
    .paddingOuter(0.1);
  const top = (index: number) => PANEL_TOP + index * (PANEL_HEIGHT + PANEL_GAP);
  const bottom = top(bars.length) + PANEL_HEIGHT;
  return (
    <div class="chart" tabindex={0} role="region" aria-label="Chart, scrolls sideways when narrow">
      <svg
        viewBox={`0 0 ${WIDTH} ${bottom + 24}`}
        role="img"
        aria-labelledby="chart-title chart-description"
      >
        <title id="chart-title">{`Cost and charges in ${monthText(month)}, by day`}</title>
        <desc id="chart-description">{chartInWords(statement)}</desc>
        <Hatch />
        {bars.map((panel, index) => (
          <BarPanel {...panel} across={across} top={top(index)} />
        ))}
        <ChargePanel days={days} across={across} top={top(bars.length)} />
        <Marks
          statement={statement}
          across={across}
          top={PANEL_TOP}
          bottom={bottom}
          right={WIDTH}
        />
        <DayLabels dates={dates} across={across} y={bottom + 17} />
      </svg>
    </div>
  );
}

/** Told apart from the others without colour, on paper too. */
function Hatch() {
  return (
    <defs>
      <pattern
        id="hatch"
        width={5}
        height={5}
        patternUnits="userSpaceOnUse"
        patternTransform="rotate(45)"
      >
        <line class="hatch" x1={0} x2={0} y1={0} y2={5} />
      </pattern>
    </defs>
  );
}

interface Bars {
  readonly title: string;
  readonly unit: "$" | "";
  readonly bars: readonly Bar[];
}

interface Bar {
  readonly date: string;
  readonly value: number;
  readonly estimated: boolean;
}

/** AWS's cost, if any rule counts it; and each meter that a rule counts. */
function barPanels(statement: Statement): readonly Bars[] {
  const { days } = statement;
  const cost: Bars = {
    title: "AWS cost per day",
    unit: "$",
    bars: days.map(({ date, costUsd, estimated }) => ({
      date,
      estimated,
      value: position(costUsd),
    })),
  };
  const meters = unitsByDay(statement).map((meter) => meterPanel(meter, days));
  return [...(countsCost(statement) ? [cost] : []), ...meters];
}

function meterPanel({ meter, days: units }: MeterDays, days: readonly Day[]): Bars {
  const bars = days.map(({ date }) => ({
    date,
    value: position(units.get(date) ?? "0"),
    estimated: false,
  }));
  return { title: `${meter} per day`, unit: "", bars };
}

function daysOfMonth(month: string): string[] {
  const [year = 0, monthNumber = 0] = month.split("-").map(Number);
  const count = new Date(Date.UTC(year, monthNumber, 0)).getUTCDate();
  return Array.from({ length: count }, (_, i) => `${month}-${String(i + 1).padStart(2, "0")}`);
}

function chartInWords(statement: Statement): string {
  const { days, totals } = statement;
  const estimated = days.filter((day) => day.estimated).length;
  return [
    countsCost(statement)
      ? `AWS cost that counts: ${readableUsd(totals.costUsd)} over ${days.length} days`
      : `${days.length} days`,
    estimated === 0 ? ". " : `, ${estimated} of them still estimated by AWS. `,
    `Rated: ${readableUsd(totals.ratedUsd)}. Charged: ${readableUsd(totals.billedUsd)}.`,
    " The table of days below holds the same figures.",
  ].join("");
}

type Across = ReturnType<typeof scaleBand<string>>;

interface PanelProps {
  readonly days: readonly Day[];
  readonly across: Across;
  readonly top: number;
}

function verticalScale(values: readonly number[], top: number): Vertical {
  const low = Math.min(0, ...values);
  const high = Math.max(0, ...values);
  // An empty panel still needs an axis.
  return scaleLinear([low, high === low ? low + 1 : high], [top + PANEL_HEIGHT, top]).nice(4);
}

function BarPanel({ title, unit, bars, across, top }: Bars & Omit<PanelProps, "days">) {
  const up = verticalScale(
    bars.map(({ value }) => value),
    top,
  );
  return (
    <g>
      <text class="panel-title" x={0} y={top - 14}>
        {title}
      </text>
      {bars.some(({ estimated }) => estimated) ? (
        <g>
          <rect
            class="bar estimated"
            fill="url(#hatch)"
            x={LEGEND_X}
            y={top - 24}
            width={11}
            height={11}
          />
          <text x={LEGEND_X + 17} y={top - 14}>
            estimated by AWS, or not reported yet
          </text>
        </g>
      ) : null}
      <Grid up={up} unit={unit} />
      {bars.map(({ date, value, estimated }) => {
        const [from, to] = [up(Math.min(0, value)), up(Math.max(0, value))];
        return (
          <rect
            class={estimated ? "bar estimated" : "bar"}
            {...(estimated ? { fill: "url(#hatch)" } : {})}
            x={round(across(date) ?? 0)}
            width={round(across.bandwidth())}
            y={round(to)}
            height={round(from - to)}
          />
        );
      })}
    </g>
  );
}

function ChargePanel({ days, across, top }: PanelProps) {
  const rated = days.map((day) => position(day.ratedCumulativeUsd));
  const billed = days.map((day) => position(day.billedCumulativeUsd));
  const up = verticalScale([...rated, ...billed], top);
  // A day's figure holds at its end; the month begins at nothing.
  const ends = days.map((day) => (across(day.date) ?? 0) + across.bandwidth());
  const under = area<number>()
    .x((_, i) => round(i === 0 ? LEFT : (ends[i - 1] ?? 0)))
    .y0(round(up(0)))
    .y1((value) => round(up(value)))([0, ...billed]);
  const path = (values: readonly number[]) =>
    line<number>(
      (_, i) => round(i === 0 ? LEFT : (ends[i - 1] ?? 0)),
      (value) => round(up(value)),
    )([0, ...values]) ?? "";
  return (
    <g>
      <text class="panel-title" x={0} y={top - 14}>
        Since the month began
      </text>
      <line class="rated" x1={LEGEND_X} x2={LEGEND_X + 22} y1={top - 18} y2={top - 18} />
      <text x={LEGEND_X + 29} y={top - 14}>
        rated: owed by the rules
      </text>
      <line class="billed" x1={LEGEND_X + 186} x2={LEGEND_X + 208} y1={top - 18} y2={top - 18} />
      <text x={LEGEND_X + 215} y={top - 14}>
        charged via AWS
      </text>
      <path class="area" d={under ?? ""} />
      <Grid up={up} unit="$" />
      {/* A broad line under a narrow one: both can be seen where they are equal. */}
      <path class="rated" d={path(rated)} />
      <path class="billed" d={path(billed)} />
    </g>
  );
}

function Grid({ up, unit }: { up: Vertical; unit: Bars["unit"] }) {
  const label = up.tickFormat(4);
  return (
    <>
      {up.ticks(4).map((tick) => (
        <g>
          <line
            class={tick === 0 ? "axis" : "grid"}
            x1={LEFT}
            x2={WIDTH - RIGHT}
            y1={round(up(tick))}
            y2={round(up(tick))}
          />
          <text class="end" x={LEFT - 8} y={round(up(tick)) + 4}>
            {tick < 0 ? `−${unit}${label(-tick)}` : `${unit}${label(tick)}`}
          </text>
        </g>
      ))}
    </>
  );
}

function DayLabels(props: { dates: readonly string[]; across: Across; y: number }) {
  return (
    <>
      {props.dates
        .filter((_, i) => i % 7 === 0)
        .map((date) => (
          <text
            class="middle"
            x={round((props.across(date) ?? 0) + props.across.bandwidth() / 2)}
            y={props.y}
          >
            {Number(date.slice(8))}
          </text>
        ))}
    </>
  );
}

const round = (value: number) => Math.round(value * 100) / 100;
