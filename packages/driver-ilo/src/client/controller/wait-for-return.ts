import { delay, FerricError } from '@ferric/core';
import { requireLink } from '@ferric/redfish';
import type { Connection } from '../connection/connection.js';
import { isSilence, type Waiting } from '../connection/outages.js';
import type { IloIdentity } from '../ilo-client.js';
import type { Performer } from '../operations/perform.js';
import { readFirmwareVersion } from '../ribcl/index.js';
import type { CheckedIloSettings } from '../settings.js';

/** What is needed of the whole client. */
export interface ControllerParts {
  readonly settings: CheckedIloSettings;
  readonly connection: Connection;
  readonly performer: Performer;
  readonly identify: (waiting: Waiting) => Promise<IloIdentity>;
  readonly forget: () => void;
}

/** A controller that was told to restart answers for a moment. How long it is looked for before its silence is believed to have been missed. */
export const LEAVES_WITHIN_MS = 30_000;

export interface ReturnSettings {
  /** It is expected to go away first: an answer counts only after a silence, or after a time in which the silence must have been missed. */
  readonly leaves: boolean;
  /** Why nobody knows whether it was told to go: then only a silence shows that it was, and this is thrown when there is none. */
  readonly lost?: FerricError | undefined;
  /** What it was: while it starts, its services come one after the other, and it is back with all of them. */
  readonly before?: IloIdentity;
}

/** Waits until the controller answers a login. @throws AUTH_FAILED at once when it refuses that: another try could lock the account */
export async function waitForReturn(parts: ControllerParts, waiting: Waiting, { leaves, lost, before }: ReturnSettings): Promise<void> {
  const { settings, connection, forget } = parts;
  const { clock, pauses, gate } = settings;
  const startedAt = clock.monotonicMs();
  let wasAway = !leaves;
  // Short at first, for some are away for a few seconds only.
  for (let pauseMs = Math.min(500, pauses.resetMs); ; pauseMs = Math.min(2 * pauseMs, pauses.resetMs)) {
    // Failures in a row make a gate leave the controller alone; here they are what is expected.
    gate.reset();
    forget();
    if (!(await connection.isThere(waiting.signal))) wasAway = true;
    else if (wasAway || clock.monotonicMs() - startedAt >= LEAVES_WITHIN_MS) {
      if (!wasAway && lost !== undefined) throw lost;
      if (await isBack(parts, waiting, before)) return;
    }
    await delay(pauseMs, waiting);
  }
}

/** While it starts, services come one after the other: each may say that it is not there. A refused login is what it is everywhere. */
export function isAway(error: unknown): boolean {
  if (isSilence(error)) return true;
  return FerricError.is(error) && ['NOT_FOUND', 'UNSUPPORTED', 'PROTOCOL_FAULT'].includes(error.code);
}

async function isBack(parts: ControllerParts, waiting: Waiting, before: IloIdentity | undefined): Promise<boolean> {
  try {
    return await prove(parts, waiting, before);
  } catch (error) {
    if (waiting.signal.aborted || !isAway(error)) throw error;
    return false;
  }
}

/** Something that takes a login. @returns false when a back end is missing that was there before */
async function prove({ connection, identify, settings }: ControllerParts, waiting: Waiting, before: IloIdentity | undefined): Promise<boolean> {
  const { signal } = waiting;
  const { backEnds } = await identify(waiting);
  const [backEnd] = backEnds;
  if (backEnd === undefined || backEnd === 'ribcl') {
    await connection.ribcl().run(readFirmwareVersion(), { signal });
  } else {
    await settings.gate.run(async (running) => {
      const client = connection.rest(backEnd);
      await client.read(requireLink(await client.root({ signal: running }), 'Systems'), { signal: running });
    }, { signal });
  }
  return before?.backEnds.every((name) => backEnds.includes(name)) ?? true;
}
