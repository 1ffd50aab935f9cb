import { delay, FerricError, invalidOptions, printValue, type JsonObject, type JsonValue } from '@ferric/core';
import { ERASE_PATTERNS, type IloEraseStatus } from '../client/index.js';
import type { IloMachine } from '../ilo-machine.js';
import { restartMachine } from '../restart.js';
import type { StepFacts, StepWork } from './step-table.js';
import { createUnfinishedWork } from './unfinished-work.js';

const DAY_MS = 24 * 60 * 60_000;

/** Between two looks at disks that are being erased. Milliseconds. Source: Ironic, ironic/conf/ilo.py (oob_erase_devices_job_status_interval). */
const LOOK_MS = 300_000;

type Kind = keyof typeof ERASE_PATTERNS;

/** The controller takes disks of one kind at a time. */
const KINDS: readonly Kind[] = ['hdd', 'ssd'];

/** Disks of one kind whose erasure was asked for. */
interface Erasure {
  /** What they told before the machine was started for it, which says nothing of this erasure; undefined when all that they tell is of it. */
  readonly before?: IloEraseStatus['state'];
  readonly isFinished: boolean;
}

const BEGUN: Erasure = { isFinished: false };
const FINISHED: Erasure = { isFinished: true };

/** By kind and pattern: disks that are to be erased in another way are another erasure. */
type Erasures = Map<string, Erasure>;

/** Source: Ironic, ironic/drivers/modules/ilo/management.py (Ilo5Management.erase_devices). */
export function createEraseDevices(): StepFacts {
  const unfinished = createUnfinishedWork<Erasures>(() => new Map());
  return {
    name: 'erase_devices',
    kinds: ['clean'],
    drivers: ['ilo5'],
    timeoutMs: DAY_MS,
    arguments: {
      erase_pattern: {
        description: "How disks are erased, by their kind: {hdd: 'overwrite', 'crypto' or 'zero'; ssd: 'block', 'crypto' or 'zero'}. Default: overwrite and block. A kind that is left out of a pattern stays as it is.",
        required: false,
      },
    },
    check: (args) => void readPatterns(args),
    async run(work) {
      await unfinished.run(work.machine.clock, async (erasures) => {
        for (const [kind, pattern] of readPatterns(work.args)) await erase(work, erasures, kind, pattern);
      });
      return 'done';
    },
  };
}

async function erase({ machine, call, pacing }: StepWork, erasures: Erasures, kind: Kind, pattern: string): Promise<void> {
  const { client, options } = call;
  const key = `${kind} ${pattern}`;
  const earlier = erasures.get(key);
  // A start of the machine for other disks may have taken away what these tell.
  if (earlier?.isFinished === true) return;
  let status = await client.raid.eraseStatus(kind, options);
  if (!isOf(earlier, status)) {
    if ((await client.raid.erase(kind, pattern, options)) === 'done') return;
    erasures.set(key, { before: status.state, isFinished: false });
    await restartMachine(call, pacing);
    erasures.set(key, BEGUN);
    status = await client.raid.eraseStatus(kind, options);
  }
  while (status.state === 'erasing') {
    erasures.set(key, BEGUN);
    await delay(pacing.lookMs ?? LOOK_MS, { signal: options.signal, clock: pacing.clock });
    status = await client.raid.eraseStatus(kind, options);
  }
  if (status.state !== 'done') throw notErased(machine, kind, status);
  erasures.set(key, FINISHED);
}

/**
 * Whether the disks tell of an erasure that was begun already: one that goes on is, whoever began it before a crash. One that was asked for begins with any
 * start of the machine, such as that after an outage of everything.
 */
function isOf(erasure: Erasure | undefined, { state }: IloEraseStatus): boolean {
  return state === 'erasing' || (erasure !== undefined && state !== 'idle' && state !== erasure.before);
}

function readPatterns({ erase_pattern: value }: JsonObject): readonly (readonly [Kind, string])[] {
  if (value === undefined || value === null) return [['hdd', 'overwrite'], ['ssd', 'block']];
  if (typeof value !== 'object' || Array.isArray(value) || Object.keys(value).length === 0) throw wrong('erase_pattern', `an object with ${KINDS.join(' or ')}`, value);
  for (const name of Object.keys(value)) if (!KINDS.some((kind) => kind === name)) throw wrong('erase_pattern', `an object with ${KINDS.join(' or ')}`, value);
  return KINDS.flatMap((kind) => {
    const pattern = (value as JsonObject)[kind];
    if (pattern === undefined) return [];
    const known = (ERASE_PATTERNS[kind] as readonly JsonValue[]).includes(pattern);
    if (!known) throw wrong(`erase_pattern.${kind}`, `one of ${ERASE_PATTERNS[kind].join(', ')}`, pattern);
    return [[kind, String(pattern)] as const];
  });
}

function wrong(field: string, expected: string, received: JsonValue): Error {
  return invalidOptions('Arguments of erase_devices', [{ field, problem: 'invalid', expected, received: printValue(received) }]);
}

function notErased({ address }: IloMachine, kind: Kind, { state, drives }: IloEraseStatus): FerricError {
  const told = drives.map(({ location, status }) => `${location} ${status}`);
  return new FerricError('REFUSED', `The ${kind} disks of ${address} were not erased: ${told.join(', ') || state}`, {
    details: { address, step: `erase ${kind}`, state, drives: told },
  });
}
