import {
  createGate, FerricError, maskText, SECRET_TEXT, systemClock, withDeadline,
  type BootDeviceSetting, type CallOptions, type Clock, type FerricErrorCode, type Gate, type JsonObject, type JsonValue, type PowerTarget, type Secret,
  type TranscriptSink,
} from '@ferric/core';
import { exchangeLine, type FakeEndpoint, type LineExchange } from './exchange-line.js';
import { decodeAnswer, encodeRequest, type FakeRefusal, type FakeRequest, type FakeResults, type FakeSettingName } from './fake-messages.js';

/** Time for one exchange when the caller names none; a fake controller answers within milliseconds. */
const EXCHANGE_TIMEOUT_MS = 5000;

export interface FakeClientSettings extends FakeEndpoint {
  /** Default: none is sent. */
  readonly password?: Secret | undefined;
  /** Who may use the controller when. Default: a gate of its own, one exchange at a time. */
  readonly gate?: Gate | undefined;
  readonly clock?: Clock | undefined;
  /** Default: no transcript. */
  readonly transcript?: TranscriptSink | undefined;
  /** How lines travel. Default: TCP. */
  readonly exchange?: LineExchange | undefined;
}

/**
 * Speaks to one fake controller; knows nothing of nodes and drivers.
 * Each call sends one request and is never repeated. It throws UNREACHABLE, TIMEOUT (default 5000 ms), AUTH_FAILED, BUSY, REFUSED,
 * PROTOCOL_FAULT, or the caller's abort reason.
 */
export interface FakeClient {
  readPower(options?: CallOptions): Promise<'power on' | 'power off'>;
  /** Returns when the controller has accepted, which does not prove that the state has changed. */
  changePower(target: PowerTarget, options?: CallOptions): Promise<void>;
  readBootDevice(options?: CallOptions): Promise<BootDeviceSetting>;
  changeBootDevice(device: 'pxe', persistent: boolean, options?: CallOptions): Promise<void>;
  /** What the machine was set to; null when it never was. */
  readSetting(name: FakeSettingName, options?: CallOptions): Promise<JsonValue>;
  changeSetting(name: FakeSettingName, value: JsonValue, options?: CallOptions): Promise<void>;
}

export function createFakeClient(settings: FakeClientSettings): FakeClient {
  const peer = `tcp ${settings.address}:${settings.port}`;
  const clock = settings.clock ?? systemClock;
  const gate = settings.gate ?? createGate(`${settings.address}:${settings.port}`, {}, clock);
  const exchange = settings.exchange ?? exchangeLine;

  const record = (direction: 'out' | 'in', label: string, payload: string): void =>
    settings.transcript?.record({ at: clock.now(), direction, peer, protocol: 'fake', label, payload });

  const send = async (request: FakeRequest, signal: AbortSignal): Promise<string> => {
    // The transcript gets an encoding of its own: searching the real line for the password would miss escaped characters.
    record('out', request.command, encodeRequest(request, settings.password === undefined ? undefined : SECRET_TEXT));
    const answer = await exchange(settings, encodeRequest(request, settings.password?.reveal()), signal);
    record('in', `answer to ${request.command}`, maskText(answer));
    return answer;
  };

  const ask = async <Request extends FakeRequest>(request: Request, options?: CallOptions): Promise<FakeResults[Request['command']]> => {
    const { command } = request;
    const what = `'${command}' at ${settings.address}:${settings.port}`;
    const details = { address: settings.address, port: settings.port, step: command };
    const line = await withDeadline(options, { what, defaultTimeoutMs: EXCHANGE_TIMEOUT_MS, details, clock }, (deadline) =>
      gate.run((signal) => send(request, signal), { signal: deadline.signal }),
    );
    const answer = decodeAnswer<Request['command']>(command, line, details);
    if ('refusal' in answer) throw refusalError(answer.refusal, what, details);
    return answer.result;
  };

  return {
    readPower: (options) => ask({ command: 'read power' }, options),
    async changePower(target, options) {
      await ask({ command: 'change power', target }, options);
    },
    readBootDevice: (options) => ask({ command: 'read boot device' }, options),
    async changeBootDevice(device, persistent, options) {
      await ask({ command: 'change boot device', device, persistent }, options);
    },
    readSetting: (name, options) => ask({ command: 'read setting', name }, options),
    async changeSetting(name, value, options) {
      await ask({ command: 'change setting', name, value }, options);
    },
  };
}

/** What each refusal of the controller means in Ferric's terms. */
const REFUSALS: Readonly<Record<FakeRefusal, { readonly code: FerricErrorCode; readonly text: string; readonly hint: string }>> = {
  'wrong password': { code: 'AUTH_FAILED', text: 'refused the password', hint: 'Correct fake_password; it is not tried again.' },
  busy: { code: 'BUSY', text: 'has no room for another command', hint: 'Try again in a moment.' },
  failed: { code: 'REFUSED', text: 'understood the command and reported that it failed', hint: 'Look at the log of the simulator.' },
};

function refusalError(refusal: FakeRefusal, what: string, details: JsonObject): FerricError {
  const { code, text, hint } = REFUSALS[refusal];
  return new FerricError(code, `${what}: the controller ${text}`, { details: { ...details, received: refusal }, hint });
}
