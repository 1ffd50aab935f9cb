import type { Clock, JsonObject, JsonValue, Secret } from '@ferric/core';
import type { AgentFaults } from '../agent-faults.js';
import type { AgentPacing } from '../agent-options.js';
import type { Disk } from '../disk/disk.js';
import type { Trust } from '../wire/http.js';
import { CallMistake } from './command-failure.js';

/** What the commands of one agent work on. */
export interface AgentWorkplace {
  readonly disks: readonly Disk[];
  /** The least size of a disk that is chosen without a hint. Bytes. */
  readonly minimumDiskBytes: number;
  inventory: JsonObject;
  /** The node as the conductor described it last; commands that carry a node replace it. */
  node: JsonObject;
  /** `config` of the last lookup. */
  config: JsonObject;
  /** The image that was written since the start, and what was found on it. */
  written: { readonly imageId: string; readonly partitionUuids: JsonObject } | undefined;
  readonly pacing: AgentPacing;
  readonly clock: Clock;
  readonly random: () => number;
  readonly trust: Trust;
  readonly faults: AgentFaults;
  /** Aborts when the agent stops. */
  readonly signal: AbortSignal;
  log(line: string): void;
  /** All that was logged, oldest first. */
  readonly logLines: readonly string[];
  /** Asks the conductor for the node once more. @throws CommandFailure LookupNodeError */
  lookUpAgain(): Promise<void>;
  sync(): Promise<void>;
  /** The machine goes off or starts again, a little later. */
  shutDown(how: 'power off' | 'reboot'): void;
  /** The API stops once the answer is out; the machine stays on. */
  leave(how: 'rescued' | 'locked down'): void;
  setRescuePassword(hash: Secret): Promise<void>;
}

export type CommandParameters = JsonObject;

/** One command of the API. `synchronous`: the answer comes when it has ended; `asynchronous`: it goes on in the background. */
export interface CommandDefinition {
  readonly kind: 'synchronous' | 'asynchronous';
  /** As Python names it in the mistakes of its callers: `StandbyExtension.power_off`. */
  readonly functionName: string;
  readonly required: readonly string[];
  readonly optional: readonly string[];
  /** True: takes any parameter besides. */
  readonly takesMore?: boolean;
  /** @throws CommandFailure InvalidCommandParamsError, before anything begins */
  validate?(parameters: CommandParameters): void;
  run(workplace: AgentWorkplace, parameters: CommandParameters): JsonValue | Promise<JsonValue>;
}

interface Signature {
  readonly functionName: string;
  readonly required: readonly string[];
  readonly optional: readonly string[];
  readonly takesMore?: boolean;
}

/** @throws CallMistake in the words of Python 3.10 and later */
export function checkCall({ functionName, required, optional, takesMore = false }: Signature, parameters: CommandParameters): void {
  const unknown = Object.keys(parameters).find((name) => ![...required, ...optional].includes(name));
  if (unknown !== undefined && !takesMore) throw new CallMistake(`${functionName}() got an unexpected keyword argument '${unknown}'`);
  const missing = required.filter((name) => !Object.hasOwn(parameters, name));
  if (missing.length === 0) return;
  const names = missing.map((name) => `'${name}'`).join(' and ');
  throw new CallMistake(`${functionName}() missing ${missing.length} required positional argument${missing.length === 1 ? '' : 's'}: ${names}`);
}
