import { createClosing, FerricError, invalidOptions, type CallOptions, type Clock, type Secret } from '@ferric/core';
import { askRibcl } from './ask.js';
import { callError } from './call-error.js';
import { checkSettings, type RibclClientSettings } from './client-settings.js';
import type { RibclAcknowledgement, RibclCommand } from './command.js';
import { writeFirmware, type RibclFirmwareComponent } from './commands/firmware-update.js';
import { readFirmwareVersion } from './commands/firmware-version.js';
import { conduct, factsOf } from './conduct.js';
import { matchReply, resultOf, type CommandReply } from './match-reply.js';
import { checkImage, UPLOAD_LABEL, uploadFirmware, type FirmwareImage } from './upload-firmware.js';
import type { RibclReply } from './wire/parse-reply.js';

/** What came of one of several commands. */
export type RibclResult<Result> = { readonly ok: true; readonly value: Result } | { readonly ok: false; readonly error: FerricError };

/** Results in the order of the commands. */
export type RibclResults<Commands extends readonly RibclCommand<unknown>[]> = {
  readonly [Index in keyof Commands]: Commands[Index] extends RibclCommand<infer Result> ? RibclResult<Result> : never;
};

/**
 * Speaks RIBCL, the XML language of iLO 3, 4 and 5, with one controller: one request at a time, each on a connection of its own.
 * Nothing is ever sent twice. Errors tell in their details the `address`, the `command`, and by `sent` whether the request may have reached
 * the controller.
 */
export interface RibclClient extends AsyncDisposable {
  /** `192.0.2.1:443` */
  readonly address: string;
  /**
   * Carries out one command. Default of `timeoutMs`: that of the settings, or that of the command when it is longer.
   * @throws UNREACHABLE, TIMEOUT, TLS_UNTRUSTED, PROTOCOL_FAULT; AUTH_FAILED; UNSUPPORTED when the controller knows no RIBCL, has it switched off, or
   *   does not know the command; REFUSED with the reason in its details; NOT_FOUND for a user; BUSY; ABORTED after disposal; the abort reason.
   */
  run<Result>(command: RibclCommand<Result>, options?: CallOptions): Promise<Result>;
  /**
   * Reads several things with one login. What the controller leaves out, because it stopped at a command that it does not know, is asked again alone.
   * @throws what concerns all of them, such as AUTH_FAILED and UNREACHABLE; INVALID_OPTIONS for a command that changes something.
   */
  readAll<const Commands extends readonly RibclCommand<unknown>[]>(commands: Commands, options?: CallOptions): Promise<RibclResults<Commands>>;
  /**
   * Uploads a raw image and has it written. Resolves when the controller says that it is; a controller with new firmware then starts again, and may
   * do so before it has said it. Default of `timeoutMs`: 30 minutes.
   * @throws INVALID_OPTIONS for an image that cannot be one or is not as long as it says; REFUSED when it is not taken; what {@link RibclClient.run} throws.
   */
  updateFirmware(component: RibclFirmwareComponent, image: FirmwareImage, options?: CallOptions): Promise<RibclAcknowledgement>;
}

/** Upload and update together. Milliseconds. */
const UPDATE_TIMEOUT_MS = 30 * 60_000;
/** Failures that are a matter of one command among several. */
const OF_ONE_COMMAND: ReadonlySet<string> = new Set(['UNSUPPORTED', 'REFUSED', 'NOT_FOUND', 'BUSY', 'PROTOCOL_FAULT', 'CONFLICT']);

/** Makes a client. It connects with the first call. @throws INVALID_OPTIONS naming every setting that cannot be used. */
export function createRibclClient(settings: RibclClientSettings): RibclClient {
  const checked = checkSettings(settings);
  const { address, clock } = checked;
  const closing = createClosing(`The RIBCL client of ${address} was closed`);
  let loginFailed = false;

  const ask = async <Result>(
    commands: readonly RibclCommand<unknown>[],
    options: CallOptions,
    read: (reply: RibclReply) => Result,
    cookie?: Secret,
  ): Promise<Result> =>
    conduct(checked, factsOf(checked, commands), options, async (signal, progress) => {
      try {
        if (loginFailed && commands.some(({ request }) => request.name !== PROBE.request.name)) await probe(signal);
        const result = read(await askRibcl({ settings: checked, commands, cookie }, signal, progress));
        loginFailed = false;
        return result;
      } catch (error) {
        if (FerricError.is(error) && error.code === 'AUTH_FAILED') loginFailed = true;
        throw error;
      }
    });

  /**
   * After a refused login some controllers answer the next request with anything, and a cheap question takes that (python-hpilo, docs/troubleshooting).
   * It also finds a login that is still refused, so that no call tries one twice.
   */
  const probe = async (signal: AbortSignal): Promise<void> => {
    try {
      resultOf(PROBE, await askRibcl({ settings: checked, commands: [PROBE] }, signal, { sent: false }));
    } catch (error) {
      if (!FerricError.is(error) || error.code !== 'PROTOCOL_FAULT') throw error;
    }
    loginFailed = false;
  };

  const run = async <Result>(command: RibclCommand<Result>, options: CallOptions, cookie?: Secret): Promise<Result> =>
    ask([command], options, (reply) => resultOf(command, reply), cookie);

  const readAll = async (commands: readonly RibclCommand<unknown>[], options: CallOptions): Promise<readonly RibclResult<unknown>[]> => {
    checkReads(commands);
    if (commands.length === 0) return [];
    const remaining = budget(options, factsOf(checked, commands).timeoutMs, clock);
    const found = await ask(commands, options, (reply) => matchReply(commands, reply));
    const results: RibclResult<unknown>[] = [];
    for (const [index, command] of commands.entries()) {
      results.push(await settle(async () => (found[index] === null ? run(command, remaining()) : decodeReply(command, found[index]))));
    }
    return results;
  };

  const decodeReply = (command: RibclCommand<unknown>, reply: CommandReply | undefined): unknown => {
    try {
      if (reply !== null && reply !== undefined && 'error' in reply) throw reply.error;
      return command.decode({ payload: reply?.payload, information: [] });
    } catch (error) {
      throw FerricError.is(error) ? callError(error, { ...factsOf(checked, [command]), address, sent: true }) : error;
    }
  };

  const updateFirmware: RibclClient['updateFirmware'] = async (component, image, options) => {
    checkImage(image);
    const command = writeFirmware({ component, fileName: image.fileName, length: image.length });
    const remaining = budget(options ?? {}, UPDATE_TIMEOUT_MS, clock);
    const facts = { ...factsOf(checked, [command]), command: UPLOAD_LABEL, changes: false };
    const cookie = await conduct(checked, facts, remaining(), async (signal, progress) => uploadFirmware(checked, image, signal, progress));
    return run(command, remaining(), cookie);
  };

  return {
    address,
    run: async (command, options) => closing.guard(options, async (guarded) => run(command, guarded)),
    readAll: async <const Commands extends readonly RibclCommand<unknown>[]>(commands: Commands, options?: CallOptions) =>
      closing.guard(options, async (guarded) => (await readAll(commands, guarded)) as RibclResults<Commands>),
    updateFirmware: async (component, image, options) => closing.guard(options, async (guarded) => updateFirmware(component, image, guarded)),
    [Symbol.asyncDispose]: async () => closing[Symbol.asyncDispose](),
  };
}

const PROBE = readFirmwareVersion();

function checkReads(commands: readonly RibclCommand<unknown>[]): void {
  const changes = commands.filter(({ mode }) => mode === 'write').map(({ request }) => request.name);
  if (changes.length === 0) return;
  throw invalidOptions('RIBCL client', [{ field: 'commands', problem: 'invalid', expected: 'commands that read', received: changes.join(', ') }]);
}

async function settle(work: () => Promise<unknown>): Promise<RibclResult<unknown>> {
  try {
    return { ok: true, value: await work() };
  } catch (error) {
    if (!FerricError.is(error) || !OF_ONE_COMMAND.has(error.code)) throw error;
    return { ok: false, error };
  }
}

/** The options for each part of a call: together they take no longer than the call may. */
function budget(options: CallOptions, defaultTimeoutMs: number, clock: Clock): () => CallOptions {
  const { timeoutMs = defaultTimeoutMs, signal } = options;
  const startedAt = clock.monotonicMs();
  return () => {
    const usedMs = clock.monotonicMs() - startedAt;
    // What is no time at all is refused by the call that gets it.
    return { signal, timeoutMs: usedMs === 0 ? timeoutMs : Math.max(1, timeoutMs - usedMs) };
  };
}
