import { Buffer } from 'node:buffer';
import { type Clock, delay, type Fault, type FaultKind, type FaultSwitchboard } from '@ferric/core';
import type { AmtClass } from '../classes/amt-class.js';
import { classesOf } from '../classes/catalogue.js';
import type { AmtUser, DigestGuard } from '../digest/digest-guard.js';
import { encodeHttpAnswer, type HttpAnswer } from '../http/http-answer.js';
import type { HttpRequest } from '../http/http-request.js';
import type { Outcome } from '../http/serve-connection.js';
import type { AmtMachine } from '../machine/amt-machine.js';
import { bodyPrefix, writeAnswer, writeFault, writeFields } from '../soap/answer.js';
import { classUri } from '../soap/namespaces.js';
import { messageIdOf, readRequest, type SoapRequest } from '../soap/request.js';
import { SoapFault } from '../soap/soap-fault.js';
import { parseXml } from '../soap/xml-element.js';
import type { Counts } from './counts.js';
import { createEnumerations } from './enumerations.js';
import { identifyResponse, isIdentify } from './identify.js';
import { type Decided, decide, isChange } from './operations.js';
import { GARBAGE, logOnFailed, webPage } from './pages.js';
import type { AmtTrouble, PlannedAnswers } from './trouble.js';

export interface ServiceSettings {
  readonly machine: AmtMachine;
  readonly guard: DigestGuard;
  readonly faults: FaultSwitchboard;
  readonly trouble: AmtTrouble;
  readonly planned: PlannedAnswers;
  readonly counts: Counts;
  readonly clock: Clock;
  readonly say: (line: string) => void;
}

/** The service at `/wsman`, for all connections. */
export interface AmtService {
  /** @param address of the client */
  take(request: HttpRequest, address: string, gone: AbortSignal): Promise<Outcome>;
  refuse(status: number): Buffer;
}

/** A request that was looked at: who may, what it is and what it would do. Nothing is carried out before `answer`. */
interface Prepared {
  readonly answer: () => HttpAnswer;
  /** An authenticated request that would change something. */
  readonly isChange: boolean;
}

const WSMAN = '/wsman';
const SOAP = 'application/soap+xml; charset=UTF-8';
const HTML = 'text/html';
const DEFAULT_DELAY_MS = 1000;
const SERVICE_UNAVAILABLE = 503;
/** ReturnValue of a command that is understood and fails; and PT_STATUS for what has no ReturnValue. */
const COMMAND_FAILED = 2;
const INTERNAL_ERROR = 1;
const POWER_METHOD = 'RequestPowerStateChange';

export function createAmtService(settings: ServiceSettings): AmtService {
  const { machine, guard, faults, trouble, planned, counts, clock, say } = settings;
  const classes = classesOf(machine.generation);
  const enumerations = createEnumerations(() => trouble.mostEnumerations);
  let messages = 0;
  let deafUntil = Number.NEGATIVE_INFINITY;

  const page = (status: number, more: Partial<HttpAnswer> = {}): HttpAnswer => ({
    status, contentType: HTML, body: webPage(status), framing: 'length', closes: true, ...more,
  });
  const encode = (answer: HttpAnswer): Buffer =>
    encodeHttpAnswer(answer, { server: machine.traits.server, now: machine.clock.now(), chunkBytes: trouble.chunkBytes });
  const soap = (status: number, body: string): HttpAnswer => ({ status, contentType: SOAP, body, framing: trouble.framing, closes: trouble.closesEach });
  const nextId = (): string => {
    messages += 1;
    return `uuid:00000000-8086-8086-8086-${messages.toString(16).toUpperCase().padStart(12, '0')}`;
  };

  const refused = (fault: SoapFault, relatesTo: string): HttpAnswer => {
    say(`${fault.fault} fault`);
    return soap(fault.isSender ? 400 : 500, writeFault(fault, { relatesTo, messageId: nextId() }));
  };
  const challenged = (challenge: string): Prepared => ({
    isChange: false, answer: () => page(401, { body: logOnFailed(), challenge, closes: true }),
  });

  /** Who asks; or the answer when nobody may. */
  const admit = (request: HttpRequest): AmtUser | Prepared => {
    const hasProof = request.headers.has('authorization');
    if (trouble.unauthorized > 0) {
      trouble.unauthorized -= 1;
      return challenged(guard.challenge());
    }
    if (hasProof && trouble.forgetNoncesAt > 0) {
      trouble.forgetNoncesAt -= 1;
      if (trouble.forgetNoncesAt === 0) guard.forgetNonces();
    }
    const verdict = guard.check(request);
    if (verdict.kind === 'admitted') return verdict.user;
    say(hasProof ? 'not logged in: asked again' : 'asked to log in');
    return challenged(verdict.challenge);
  };

  const prepare = (request: HttpRequest, address: string, fault: FaultKind | undefined): Prepared => {
    const isWebPage = request.method === 'GET' && request.path === '/';
    if (isWebPage) return { isChange: false, answer: () => page(200, { closes: false }) };
    if (request.path !== WSMAN) return { isChange: false, answer: () => page(404) };
    if (request.method !== 'POST') return { isChange: false, answer: () => page(405) };
    const user = admit(request);
    if ('answer' in user) return user;
    const envelope = parseXml(request.body.toString('utf8'));
    if (isIdentify(envelope)) {
      counts.operation('Identify', false);
      return { isChange: false, answer: () => soap(200, identifyResponse(machine.traits.version)) };
    }
    const relatesTo = messageIdOf(envelope);
    try {
      return prepareOperation(readRequest(envelope), { user, address, fault });
    } catch (error) {
      if (!(error instanceof SoapFault)) throw error;
      return { isChange: false, answer: () => refused(error, relatesTo) };
    }
  };

  const prepareOperation = (request: SoapRequest, asking: Asking): Prepared => {
    const type = classes.get(request.resource);
    const changes = isChange(type, request);
    const name = request.operation === 'Invoke' ? `${request.resource}.${request.method}` : request.resource;
    counts.operation(`${request.operation} ${name}`, changes);
    say(`${request.operation} ${name}`);
    const answer = (): HttpAnswer => {
      try {
        return soap(200, carryOut(type, request, changes, asking));
      } catch (error) {
        if (!(error instanceof SoapFault)) throw error;
        return refused(error, request.messageId);
      }
    };
    return { isChange: changes, answer };
  };

  /** The document that answers. @throws SoapFault */
  const carryOut = (type: AmtClass | undefined, request: SoapRequest, changes: boolean, { user, address, fault }: Asking): string => {
    if (type === undefined) throw new SoapFault('DestinationUnreachable');
    if (changes && user.mayChange === false) throw new SoapFault('AccessDenied');
    const uri = classUri(type.name);
    const head = { action: `${request.action}Response`, relatesTo: request.messageId, resource: uri };
    const returning = planned.take(request) ?? (changes && fault === 'command failure' ? failCommand(request) : undefined);
    if (returning !== undefined) {
      const xml = writeFields(bodyPrefix(0), `${request.method}_OUTPUT`, { ReturnValue: returning }, bodyPrefix(0));
      return writeAnswer({ ...head, messageId: nextId() }, { namespaces: [uri], xml });
    }
    const decided: Decided = decide(type, request, { machine, enumerations, caller: { username: user.username, address }, mostItems: trouble.mostPullItems });
    const isApplied = !(changes && fault === 'wrong state');
    if (isApplied) decided.apply?.();
    if (request.method === POWER_METHOD) deafUntil = clock.monotonicMs() + trouble.deafAfterPowerMs;
    return writeAnswer({ ...head, messageId: nextId() }, decided.answer());
  };

  const serve = async (request: HttpRequest, address: string, gone: AbortSignal): Promise<Outcome> => {
    const fault = faults.take();
    const isDeaf = clock.monotonicMs() < deafUntil;
    const prepared = prepare(request, address, fault?.kind);
    const spoil = isDeaf ? BROKEN_ANSWERS.deaf : BROKEN_ANSWERS[fault?.kind ?? 'none'];
    if (spoil !== undefined) return spoil(() => encode(prepared.answer()), () => encode(page(SERVICE_UNAVAILABLE)));
    await delayIfSlow(fault, clock, gone);
    const answer = prepared.answer();
    if (prepared.isChange && trouble.resetsAfterChange > 0) {
      trouble.resetsAfterChange -= 1;
      return { kind: 'reset' };
    }
    return { kind: 'send', bytes: encode(answer), closes: answer.closes || answer.framing === 'connection end' };
  };

  return {
    async take(request, address, gone) {
      const exchange = counts.beginExchange();
      const outcome = await serve(request, address, gone).finally(() => {
        if (gone.aborted) exchange[Symbol.dispose]();
      });
      // What is not answered lasts as long as the client waits.
      if (outcome.kind === 'stop') gone.addEventListener('abort', () => exchange[Symbol.dispose](), { once: true });
      else exchange[Symbol.dispose]();
      return outcome;
    },
    refuse: (status) => encode(page(status)),
  };
}

/** Who asks, and what spoils it. */
interface Asking {
  readonly user: AmtUser;
  readonly address: string;
  readonly fault: FaultKind | undefined;
}

/** A command that fails: methods say so by their ReturnValue, the rest by a fault. */
function failCommand({ operation }: SoapRequest): number {
  if (operation !== 'Invoke') throw new SoapFault('InternalError', { status: INTERNAL_ERROR });
  return COMMAND_FAILED;
}

async function delayIfSlow(fault: Fault | undefined, clock: Clock, gone: AbortSignal): Promise<void> {
  if (fault?.kind === 'slow') await delay(fault.delayMs ?? DEFAULT_DELAY_MS, { clock, signal: gone });
}

const NOTHING = Buffer.alloc(0);

/** How answers are spoiled below the protocol. What does not ask for the answer is not carried out. */
const BROKEN_ANSWERS: Readonly<Partial<Record<FaultKind | 'deaf' | 'none', (answer: () => Buffer, busy: () => Buffer) => Outcome>>> = {
  deaf: () => ({ kind: 'stop', bytes: NOTHING }),
  silence(answer) {
    answer();
    return { kind: 'stop', bytes: NOTHING };
  },
  reset: () => ({ kind: 'reset' }),
  close: () => ({ kind: 'send', bytes: NOTHING, closes: true }),
  'half frame'(answer) {
    const whole = answer();
    return { kind: 'stop', bytes: whole.subarray(0, Math.floor(whole.length / 2)) };
  },
  garbage: () => ({ kind: 'send', bytes: GARBAGE, closes: true }),
  busy: (_answer, busy) => ({ kind: 'send', bytes: busy(), closes: true }),
};
