/** What a service has seen since it started. */
export interface Counts {
  readonly mostConcurrentExchanges: number;
  readonly changeCommands: number;
  /** Requests by what they ask for: `Get CIM_Chassis`, `Invoke CIM_BootService.SetBootConfigRole`. Only those of users who were let in. */
  readonly operations: ReadonlyMap<string, number>;
  operation(name: string, isChange: boolean): void;
  /** An exchange lasts until the result is disposed. */
  beginExchange(): Disposable;
}

/** Names come from outside: no more than so many different ones are counted. */
const MOST_NAMES = 1000;

export function createCounts(): Counts {
  const operations = new Map<string, number>();
  let active = 0;
  let most = 0;
  let changes = 0;
  return {
    operations,
    get mostConcurrentExchanges() {
      return most;
    },
    get changeCommands() {
      return changes;
    },
    operation(name, isChange) {
      if (operations.has(name) || operations.size < MOST_NAMES) operations.set(name, (operations.get(name) ?? 0) + 1);
      if (isChange) changes += 1;
    },
    beginExchange() {
      active += 1;
      most = Math.max(most, active);
      let isUnderWay = true;
      return {
        [Symbol.dispose]() {
          if (isUnderWay) active -= 1;
          isUnderWay = false;
        },
      };
    },
  };
}
