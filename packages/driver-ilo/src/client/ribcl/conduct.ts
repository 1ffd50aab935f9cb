import { FerricError, toFerricError, withDeadline, type CallOptions } from '@ferric/core';
import { callError, type FailedCall } from './call-error.js';
import type { CheckedSettings } from './client-settings.js';
import type { RibclCommand } from './command.js';
import type { ExchangeProgress } from './https/https-exchange.js';
import { createMask, secretsIn } from './known-secrets.js';

/** What a call is about. */
export interface CallFacts extends Pick<FailedCall, 'command' | 'changes' | 'mask'> {
  /** Time for it when the caller gives none. Milliseconds. */
  readonly timeoutMs: number;
}

/** What a call with these commands is about. */
export function factsOf(settings: CheckedSettings, commands: readonly RibclCommand<unknown>[]): CallFacts {
  return {
    command: commands.map(({ request }) => request.name).join(', '),
    changes: commands.some(({ mode }) => mode === 'write'),
    // When it is needed: the password may have changed while the call waited for its turn.
    mask: (text) => createMask([settings.password, ...commands.flatMap(({ request }) => secretsIn(request))])(text),
    timeoutMs: Math.max(settings.timeoutMs, ...commands.map(({ timeoutMs }) => timeoutMs ?? 0)),
  };
}

/**
 * Does one thing with the controller when its turn comes, by the caller's deadline, and gives errors the facts of the call.
 * @throws the reason of the caller's signal as it is; INVALID_OPTIONS; what `work` throws.
 */
export async function conduct<Result>(
  settings: Pick<CheckedSettings, 'address' | 'clock' | 'gate'>,
  facts: CallFacts,
  options: CallOptions,
  work: (signal: AbortSignal, progress: ExchangeProgress) => Promise<Result>,
): Promise<Result> {
  const { address, clock, gate } = settings;
  const progress: ExchangeProgress = { sent: false };
  const timing = { what: `${facts.command} of ${address}`, defaultTimeoutMs: facts.timeoutMs, details: { address }, clock };
  try {
    return await withDeadline(options, timing, ({ signal }) => gate.run((running) => work(running, progress), { signal }));
  } catch (error) {
    const isReasonOfCaller = options.signal?.aborted === true && error === options.signal.reason;
    if (isReasonOfCaller || (FerricError.is(error) && error.code === 'INVALID_OPTIONS')) throw error;
    throw callError(toFerricError(error), { ...facts, address, sent: progress.sent });
  }
}
