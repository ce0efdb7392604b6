/** Lines that functions wrote, by log group. Deleting a group hides nothing from its developer. */
export interface LogGroups {
  write(group: LogGroupName, line: LogLine): void;
  read(group: LogGroupName): readonly LogLine[];
  markDeleted(group: LogGroupName): void;
  isDeleted(group: LogGroupName): boolean;
  snapshot(): readonly SavedLogGroup[];
  restore(groups: readonly SavedLogGroup[]): void;
}

export interface LogGroupName {
  readonly accountId: string;
  readonly region: string;
  readonly name: string;
}

export interface LogLine {
  readonly at: number;
  readonly stream: string;
  readonly text: string;
}

interface SavedLogGroup extends LogGroupName {
  readonly deleted: boolean;
  readonly lines: readonly LogLine[];
}

const MAX_LINES = 2_000;

export function createLogGroups(): LogGroups {
  const groups = new Map<string, { name: LogGroupName; deleted: boolean; lines: LogLine[] }>();
  const key = ({ accountId, region, name }: LogGroupName) =>
    JSON.stringify([accountId, region, name]);
  const open = (name: LogGroupName) => {
    const existing = groups.get(key(name));
    if (existing !== undefined) return existing;
    const made = { name, deleted: false, lines: [] };
    groups.set(key(name), made);
    return made;
  };
  return {
    write(name, line) {
      const { lines } = open(name);
      lines.push(line);
      if (lines.length > MAX_LINES) lines.shift();
    },
    read: (name) => groups.get(key(name))?.lines ?? [],
    markDeleted: (name) => void (open(name).deleted = true),
    isDeleted: (name) => groups.get(key(name))?.deleted ?? false,
    snapshot: () =>
      [...groups.values()].map(({ name, deleted, lines }) => ({
        accountId: name.accountId,
        region: name.region,
        name: name.name,
        deleted,
        lines: [...lines],
      })),
    restore(saved) {
      groups.clear();
      for (const { deleted, lines, ...name } of saved) {
        groups.set(key(name), { name, deleted, lines: [...lines] });
      }
    },
  };
}
