import { type CallOptions, type Closing, delay, FerricError, holdingProcess, withDeadline } from '@ferric/core';
import { findManager, findSystem, type RedfishClient, type Resource, whileBusy } from '@ferric/redfish';
import type { Connection, RestName } from '../connection/connection.js';
import { isSilence, lookingAgain, persistently, sentOnce, type Waiting } from '../connection/outages.js';
import { steady } from '../connection/rest-client.js';
import type { IloIdentity, IloPauses } from '../ilo-client.js';
import type { RibclClient, RibclCommand, RibclResults } from '../ribcl/index.js';
import type { CheckedIloSettings } from '../settings.js';
import { type OperationName, type OperationRow, OPERATIONS } from './operations.js';

/** What every back end gets for one call. */
export interface BackEndCall extends Waiting {
  readonly address: string;
  readonly identity: IloIdentity;
  readonly pauses: IloPauses;
  /** Repeats what is declined for the time of a power-on self-test, or while the controller is busy. */
  whenReady<T>(what: string, work: () => Promise<T>): Promise<T>;
  /** For a change that is made only where a look shows that it is needed: a lost answer is made good by looking again. */
  lookingAgain<T>(work: () => Promise<T>): Promise<T>;
  /**
   * Looks again and again until the look tells something, through outages of any length: for what was begun already.
   * @throws what the look throws, except that there was no answer
   */
  watch<T>(pauseMs: number, look: () => Promise<T | undefined>): Promise<T>;
}

/** One call over Redfish or RIS. */
export interface RestCall extends BackEndCall {
  readonly backEnd: RestName;
  readonly client: RedfishClient;
  /** For functions that take options of their own: they have the time that is left. */
  readonly options: CallOptions;
  system(): Promise<Resource>;
  manager(): Promise<Resource>;
}

/** One call over RIBCL. */
export interface RibclCall extends BackEndCall {
  /** Commands that read are repeated when there is no answer, others are sent once. */
  run<Result>(command: RibclCommand<Result>): Promise<Result>;
  readAll<const Commands extends readonly RibclCommand<unknown>[]>(commands: Commands): Promise<RibclResults<Commands>>;
  readonly client: RibclClient;
}

/** How an operation is carried out by each back end that offers it; Redfish and RIS are told apart by their resources. */
export interface Handlers<T> {
  readonly rest?: (call: RestCall) => Promise<T>;
  readonly ribcl?: (call: RibclCall) => Promise<T>;
}

/** Carries out operations with the back ends of one controller. */
export type Perform = <T>(operation: OperationName, handlers: Handlers<T>, options?: CallOptions) => Promise<T>;

export interface Performer {
  readonly perform: Perform;
  /** The deadline of a call, and what it can wait with; without any back end. */
  within<T>(what: string, options: CallOptions | undefined, timeoutMs: number, work: (waiting: Waiting) => Promise<T>): Promise<T>;
  /** Forgets where things were found. */
  forget(): void;
}

const TIMEOUT_MS = 300_000;

export function createPerformer(
  settings: CheckedIloSettings,
  connection: Connection,
  closing: Closing,
  identify: (waiting: Waiting) => Promise<IloIdentity>,
): Performer {
  const { address, clock, gate, pauses } = settings;
  const paths = new Map<string, string>();

  const within: Performer['within'] = async (what, options, timeoutMs, work) =>
    holdingProcess(() =>
      closing.guard(options, (guarded) =>
        withDeadline(guarded, { what: `${what} of ${address}`, defaultTimeoutMs: timeoutMs, details: { address }, clock }, ({ signal, remainingMs }) =>
          work({ signal, remainingMs, clock }))));

  const restCall = (base: BackEndCall, backEnd: RestName): RestCall => {
    const client = steady(() => connection.rest(backEnd), gate, base, pauses.retryMs);
    const { signal } = base;
    // Where they are does not change, so that one request does instead of three.
    const remembered = async (name: string, find: () => Promise<Resource>): Promise<Resource> => {
      const path = paths.get(`${backEnd} ${name}`);
      const found = path === undefined ? await find() : await client.read(path, { signal });
      paths.set(`${backEnd} ${name}`, found.path);
      return found;
    };
    const system = (): Promise<Resource> => remembered('system', () => findSystem(client, {}, { signal }));
    return {
      ...base,
      backEnd,
      client,
      get options() {
        return { signal, timeoutMs: Math.max(1, base.remainingMs()) };
      },
      system,
      manager: () => remembered('manager', () => findManager(client, undefined, { signal })),
    };
  };

  const ribclCall = (base: BackEndCall): RibclCall => {
    const client = connection.ribcl();
    const { signal } = base;
    return {
      ...base,
      client,
      run: (command) => (command.mode === 'read' ? persistently : sentOnce)(base, pauses.retryMs, () => client.run(command, { signal })),
      readAll: (commands) => persistently(base, pauses.retryMs, () => client.readAll(commands, { signal })),
    };
  };

  const perform: Perform = async (operation, handlers, options) => {
    const row: OperationRow = OPERATIONS[operation];
    return within(row.says, options, row.timeoutMs ?? TIMEOUT_MS, async (waiting) => {
      const identity = await identify(waiting);
      const base = backEndCall(waiting, { address, identity, pauses });
      let declined: FerricError | undefined;
      for (const backEnd of row.backEnds.filter((name) => identity.backEnds.includes(name))) {
        try {
          if (backEnd === 'ribcl') {
            if (handlers.ribcl !== undefined) return await handlers.ribcl(ribclCall(base));
          } else if (handlers.rest !== undefined) {
            return await handlers.rest(restCall(base, backEnd));
          }
        } catch (error) {
          if (!isNotOffered(error)) throw error;
          // The first one says more: it is the better back end.
          declined ??= error;
        }
      }
      throw notOffered(operation, row, identity, address, declined);
    });
  };

  return { perform, within, forget: () => paths.clear() };
}

function backEndCall(waiting: Waiting, facts: Pick<BackEndCall, 'address' | 'identity' | 'pauses'>): BackEndCall {
  const { signal, remainingMs, clock } = waiting;
  return {
    ...waiting,
    ...facts,
    whenReady: async (what, work) =>
      whileBusy({ signal, timeoutMs: Math.max(1, remainingMs()) }, { what: `${what} of ${facts.address}`, intervalMs: facts.pauses.postMs, clock }, () =>
        work().catch((error: unknown) => {
          throw wasOutdated(error) ? passing(error) : error;
        })),
    lookingAgain: (work) => lookingAgain(waiting, facts.pauses.retryMs, work),
    async watch(pauseMs, look) {
      for (;;) {
        try {
          const found = await look();
          if (found !== undefined) return found;
        } catch (error) {
          if (signal.aborted || !isSilence(error)) throw error;
        }
        await delay(pauseMs, waiting);
      }
    },
  };
}

/** What a change was based on was no longer so: a server that is starting changes under one's hands. Nothing was done. */
function wasOutdated(error: unknown): error is FerricError {
  return FerricError.is(error) && error.details['status'] === 412;
}

/** As it is, to be tried again from the reading on. */
function passing({ code, message, details, hint, cause }: FerricError): FerricError {
  return new FerricError(code, message, { cause, details, retryable: true, ...(hint === undefined ? {} : { hint }) });
}

/** The resource or command is not part of this controller's data model. What a handler itself does not find has no status. */
function isNotOffered(error: unknown): error is FerricError {
  if (!FerricError.is(error)) return false;
  return error.code === 'UNSUPPORTED' || (error.code === 'NOT_FOUND' && error.details['status'] === 404);
}

/** Servers by the number of their controller. */
const GENERATIONS: Readonly<Record<number, string>> = { 3: 'G7', 4: 'Gen8 or Gen9', 5: 'Gen10', 6: 'Gen11', 7: 'Gen12' };

function notOffered(operation: string, row: OperationRow, { ilo, name }: IloIdentity, address: string, declined: FerricError | undefined): FerricError {
  const generation = ilo === null ? undefined : GENERATIONS[ilo];
  const who = `The ${name}${generation === undefined ? '' : ` (${generation})`} at ${address}`;
  return new FerricError('UNSUPPORTED', `${who} does not offer ${row.says}${declined === undefined ? '' : `: ${declined.message}`}`, {
    cause: declined,
    details: { ...declined?.details, address, operation, ilo },
    hint: [row.found, declined?.hint].filter((part) => part !== undefined).join(' ') || 'Newer firmware may offer it.',
  });
}
