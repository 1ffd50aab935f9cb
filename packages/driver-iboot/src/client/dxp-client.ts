import { type CallOptions, createClosing, createGate, FerricError, type Gate, type Secret, systemClock, type TranscriptSink } from '@ferric/core';
import { checkAtLeast, checkChange, checkSettings } from './client-options.js';
import { checkCredentials } from './credentials.js';
import { decodeRelays, decodeResult, DXP_PORT, type DxpCommand, type RelayState } from './dxp-messages.js';
import { createDxpUnit, type DxpExchange, type DxpUnit, type DxpUnitSettings, type RecordFrame } from './dxp-unit.js';
import { endpointName } from './open-stream.js';
import { type NoteStep, withSteps } from './steps.js';

/** Time for one call when the caller names none: a turn in the queue, connecting, hello and an answer. Milliseconds. */
export const CALL_TIMEOUT_MS = 30_000;

export interface DxpClientSettings extends Omit<DxpUnitSettings, 'port'> {
  /** TCP port, 1..65535, default 9100. */
  readonly port?: number | undefined;
  /** At most 20 bytes in UTF-8. */
  readonly username: string;
  /** At most 20 bytes in UTF-8. It travels in clear text with every command: so the protocol wants it. */
  readonly password: string | Secret;
  /**
   * The number by which the unit calls its first relay on the wire, 0 or 1, default 1. Callers count relays from 1 either way.
   * Working clients send 1 for the first relay, the manual says 0.
   */
  readonly relayBase?: 0 | 1 | undefined;
  /** Who may use the unit when. Default: a gate of its own, one command at a time. */
  readonly gate?: Gate | undefined;
  /** Default: no transcript. */
  readonly transcript?: TranscriptSink | undefined;
}

/** What a client is made of, for those who have it already. */
export interface DxpClientParts {
  /** The unit, when several clients share its one connection. The client does not close it. Default: one of its own. */
  readonly unit?: DxpUnit;
}

export interface ReadRelaysOptions extends CallOptions {
  /** How many relays the caller needs to see, 1..32, default 1: a shorter list is waited for longer before it is taken for whole. */
  readonly atLeast?: number | undefined;
  /** Is told what the call waits for. */
  readonly note?: NoteStep | undefined;
}

export interface RelayCallOptions extends CallOptions {
  /** Is told what the call waits for. */
  readonly note?: NoteStep | undefined;
}

/**
 * Speaks DxP to one unit; knows nothing of nodes and drivers. It connects when first used, and has one connection at most.
 * Relays are counted from 1. Every call throws INVALID_OPTIONS (nothing was sent), UNREACHABLE, TIMEOUT (default 30000 ms), AUTH_FAILED,
 * PROTOCOL_FAULT, BUSY (too many calls are waiting), ABORTED (the client was closed), or the caller's abort reason; no change is ever sent twice.
 */
export interface DxpClient extends AsyncDisposable {
  /** The states of all relays, the first relay first. */
  readRelays(options?: ReadRelaysOptions): Promise<readonly RelayState[]>;
  /** Returns when the unit has accepted. @throws also REFUSED when it says that it failed, NOT_FOUND when it has no such relay */
  setRelay(relay: number, state: RelayState, options?: RelayCallOptions): Promise<void>;
  /** Switches a relay, which the unit switches back after `widthSeconds`, 1..65535. @throws as {@link DxpClient.setRelay} */
  pulseRelay(relay: number, state: RelayState, widthSeconds: number, options?: RelayCallOptions): Promise<void>;
  /** Asks for a sign of life; changes nothing. @throws also REFUSED when the unit says that it failed */
  keepAlive(options?: RelayCallOptions): Promise<void>;
}

type Question<Result> = Pick<DxpExchange<Result>, 'command' | 'label' | 'decode' | 'atLeast'>;
type Ask = <Result>(question: Question<Result>) => Promise<Result>;

const READ: Question<readonly RelayState[]> = { command: { kind: 'read relays' }, label: 'read relays', decode: decodeRelays };
const ALIVE: Question<'done' | 'failed'> = { command: { kind: 'keep alive' }, label: 'keep alive', decode: decodeResult };

/**
 * Makes a client of one unit.
 * @throws INVALID_OPTIONS for settings that cannot be used, naming each; the password is not shown.
 */
export function createDxpClient(settings: DxpClientSettings, parts: DxpClientParts = {}): DxpClient {
  const { address, port = DXP_PORT, relayBase = 1, clock = systemClock, transcript } = settings;
  checkSettings(settings);
  const credentials = checkCredentials(settings.username, settings.password);
  const where = endpointName({ address, port });
  const details = { address, port } as const;
  const gate = settings.gate ?? createGate(where, {}, clock);
  const unit = parts.unit ?? createDxpUnit({ ...settings, port });
  const closing = createClosing(`The client of ${where} was closed`);

  const record: RecordFrame = (direction, label, payload) =>
    transcript?.record({ at: clock.now(), direction, peer: `tcp ${where}`, protocol: 'dxp', label, payload });

  /** Runs one call, whose work may ask the unit more than once. */
  const perform = <Result>(label: string, options: RelayCallOptions | undefined, work: (ask: Ask) => Promise<Result>): Promise<Result> =>
    closing.guard(options, (guarded) =>
      withSteps(guarded, { what: `'${label}' at ${where}`, defaultTimeoutMs: CALL_TIMEOUT_MS, details, clock }, (deadline, own) => {
        const note: NoteStep = (step) => {
          own(step);
          options?.note?.(step);
        };
        return work((question) => {
          note('turn');
          return gate.run((signal) => unit.exchange({ ...question, credentials, record, note, signal }), { signal: deadline.signal });
        });
      }),
    );

  /** Sends a change, and finds out why it was refused if it was. */
  const change = (command: DxpCommand, label: string, relay: number, options: RelayCallOptions | undefined): Promise<void> =>
    perform(label, options, async (ask) => {
      if ((await ask({ command, label, decode: decodeResult })) === 'done') return;
      const facts = { ...details, step: command.kind, relay };
      const relays = await countRelays(ask, relay);
      if (relays !== undefined && relay > relays) throw noSuchRelay(where, relay, relays, facts);
      throw refused(where, label, relays === undefined ? facts : { ...facts, relays });
    });

  const onWire = (relay: number): number => relay - 1 + relayBase;

  return {
    async readRelays(options = {}) {
      const { atLeast = 1 } = options;
      checkAtLeast(where, atLeast);
      return perform(READ.label, options, (ask) => ask({ ...READ, atLeast }));
    },
    async setRelay(relay, state, options) {
      checkChange(where, { relay, state });
      await change({ kind: 'set relay', relay: onWire(relay), state }, `set relay ${relay} ${state}`, relay, options);
    },
    async pulseRelay(relay, state, widthSeconds, options) {
      checkChange(where, { relay, state, widthSeconds });
      await change({ kind: 'pulse relay', relay: onWire(relay), state, widthSeconds }, `pulse relay ${relay} ${state} for ${widthSeconds} s`, relay, options);
    },
    async keepAlive(options) {
      const result = await perform(ALIVE.label, options, (ask) => ask(ALIVE));
      if (result === 'failed') throw refused(where, ALIVE.label, { ...details, step: 'keep alive' });
    },
    async [Symbol.asyncDispose]() {
      await closing[Symbol.asyncDispose]();
      if (parts.unit === undefined) await unit[Symbol.asyncDispose]();
    },
  };
}

/** Only to explain a refusal: what goes wrong with it is not told. */
async function countRelays(ask: Ask, atLeast: number): Promise<number | undefined> {
  try {
    return (await ask({ ...READ, atLeast })).length;
  } catch {
    return undefined;
  }
}

function refused(where: string, label: string, details: FerricError['details']): FerricError {
  return new FerricError('REFUSED', `${where} understood '${label}' and answered that it failed`, {
    details: { ...details, received: 1 },
    hint: 'Check that the relay is not locked or in a cycle of its own, that the user may switch it, and from which number the unit counts its relays.',
  });
}

/** The unit has fewer relays than were asked for. */
export function noSuchRelay(where: string, relay: number, relays: number, details: FerricError['details']): FerricError {
  const has = relays === 1 ? 'one relay' : `${relays} relays`;
  return new FerricError('NOT_FOUND', `${where} shows ${has}; there is no relay ${relay}`, {
    details: { ...details, relay, relays },
    hint: relays === 1 ? 'Relays are counted from 1: give relay 1.' : `Relays are counted from 1: give a relay from 1 to ${relays}.`,
  });
}
