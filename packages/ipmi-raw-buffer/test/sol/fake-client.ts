import { FerricError } from '@ferric/core';
import type { IpmiClient, PayloadChannel, PayloadListener, SessionFacts } from '../../src/client/client-types.js';
import { type Answer, bytes, scriptBmc, type ScriptedBmc } from '../commands/scripted-bmc.js';

export const FACTS: SessionFacts = { protocol: '2.0', cipherSuite: 17, privilegeLevel: 'administrator', guid: null };

/** As go-ipmi answers: 255 bytes either way. */
export const ACTIVATED = '00 00000000 ff00 ff00 6f02 ffff';
export const ACTIVATE = '06/48 01 01 c0 00 00 00';
export const DEACTIVATE = '06/49 01 01 00 00 00 00';

/** A client with one session and one payload, in memory. */
export interface FakeClient extends IpmiClient {
  readonly bmc: ScriptedBmc;
  /** What was sent as payload, as hexadecimal. */
  readonly sent: readonly string[];
  /** Channels that are open. */
  readonly openChannels: number;
  /** How often the session was closed. */
  readonly sessionsClosed: number;
  /** A payload comes. */
  hear(hex: string): void;
  /** The session is gone. */
  loseSession(reason: Error): void;
}

export interface FakeClientSettings {
  readonly script?: Readonly<Record<string, Answer>> | ((request: string) => Answer | undefined);
  readonly facts?: SessionFacts;
  /** Called before the payload is open. */
  readonly opening?: () => Promise<void>;
  /** Called after a request was seen and before it is answered. */
  readonly answering?: (request: string) => Promise<void>;
}

export function createFakeClient({ script, facts = FACTS, opening, answering }: FakeClientSettings = {}): FakeClient {
  const bmc = scriptBmc(script ?? { [ACTIVATE]: ACTIVATED, [DEACTIVATE]: '00' });
  const sent: string[] = [];
  const listeners = new Set<PayloadListener>();
  let sessionsClosed = 0;
  const refuse = (): never => {
    throw new FerricError('INTERNAL', 'not needed by the console');
  };
  return {
    bmc,
    sent,
    address: bmc.address,
    get openChannels() {
      return listeners.size;
    },
    get sessionsClosed() {
      return sessionsClosed;
    },
    raw: async (request, options) => {
      const answer = await bmc.raw(request, options);
      await answering?.(bmc.requests.at(-1) ?? '');
      return answer;
    },
    openPayload: async (_type, listener): Promise<PayloadChannel> => {
      await opening?.();
      listeners.add(listener);
      return {
        session: facts,
        send: (payload) => void sent.push(Buffer.from(payload).toString('hex').match(/../g)?.join(' ') ?? ''),
        [Symbol.dispose]: () => void listeners.delete(listener),
      };
    },
    hear: (hex) => {
      for (const listener of listeners) listener.receive(bytes(hex));
    },
    loseSession: (reason) => {
      for (const listener of listeners) listener.ended(reason);
    },
    session: refuse,
    close: async () => {
      sessionsClosed += 1;
      for (const listener of listeners) listener.ended(new FerricError('ABORTED', 'the session was closed'));
      listeners.clear();
    },
    get counters() {
      return refuse();
    },
    [Symbol.asyncDispose]: refuse,
  };
}
