/** A failure to be had on purpose: the next time this is done to this resource, it fails. */
export interface InjectedFailure {
  /** Left out: in any stack. */
  readonly stackName?: string;
  readonly logicalId: string;
  readonly operation: "create" | "update" | "delete";
  /** `after`: the resource was made, changed or deleted, and the failure came then. */
  readonly when: "before" | "after";
  readonly reason: string;
  /** How often it strikes. */
  readonly times: number;
}

export interface Failures {
  add(failure: InjectedFailure): void;
  clear(): void;
  list(): readonly InjectedFailure[];
  /** The reason to fail with, used up by asking. */
  take(
    stackName: string,
    logicalId: string,
    operation: InjectedFailure["operation"],
    when: InjectedFailure["when"],
  ): string | undefined;
  restore(failures: readonly InjectedFailure[]): void;
}

export function createFailures(): Failures {
  let failures: readonly InjectedFailure[] = [];
  return {
    add: (failure) => void (failures = [...failures, failure]),
    clear: () => void (failures = []),
    list: () => failures,
    take(stackName, logicalId, operation, when) {
      const found = failures.find(
        (one) =>
          (one.stackName === undefined || one.stackName === stackName) &&
          one.logicalId === logicalId &&
          one.operation === operation &&
          one.when === when,
      );
      if (found === undefined) return undefined;
      const rest = failures.filter((one) => one !== found);
      failures = found.times > 1 ? [...rest, { ...found, times: found.times - 1 }] : rest;
      return found.reason;
    },
    restore: (saved) => void (failures = saved),
  };
}
