import { randomBytes } from 'node:crypto';
import type { ServerOptions } from 'node:https';
import { createFaultSwitchboard, type Fault, type FaultSwitches, FerricError, Secret } from '@ferric/core';
import { createSelfSignedCertificate, type SelfSignedCertificate } from '@ferric/core/testing';
import { Counter, type IloActivity } from './activity.js';
import { DEFAULT_BEHAVIOUR, type IloBehaviour } from './behaviour.js';
import { Controller, DEFAULT_RESET } from './controller.js';
import { type Faces, facesOf } from './generations.js';
import { HttpsCertificate, type KeyedCertificate } from './https-certificate.js';
import { checkIloOptions, type IloOptions, SUPPORTED_FAULTS } from './ilo-options.js';
import { Machine } from './machine/machine.js';
import { createRouter, type Router } from './router.js';
import { Sessions } from './sessions.js';
import { listen, type Listener } from './wire/listener.js';
import type { WireReply, WireRequest } from './wire/reply.js';
import { serve } from './wire/serve.js';

/** A simulated iLO with its machine. */
export interface VirtualIlo extends AsyncDisposable {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly username: string;
  /** In clear: it is made up. */
  readonly password: string;
  /** PEM text of its certificate, which it signed itself until another one was imported. */
  readonly certificate: string;
  /** SHA-256 of the certificate: 64 hexadecimal digits. */
  readonly fingerprint: string;
  /** The machine, as a person at it could see and change it. */
  readonly machine: Machine;
  /** Which interfaces it has. */
  readonly faces: Faces;
  readonly behaviour: IloBehaviour;
  readonly faults: FaultSwitches;
  readonly activity: IloActivity;
  /** Starts the iLO anew, as the button for it does: it is away for a while. The machine goes on. */
  reset(): void;
  /** Ends all sessions, as when nobody had used them. */
  expireSessions(): void;
  /** Takes it off the network: whoever is connected is cut off, nobody gets in. The machine goes on. */
  unplug(): Promise<void>;
  /** Puts it back, at the same port. */
  plugIn(): Promise<void>;
}

/** Time for a request for a certificate, when the options name none. Milliseconds. */
const DEFAULT_REQUEST_MS = 100;

/** Nothing newer than what early iLO 4 and iLO 3 spoke. */
const LEGACY_TLS: ServerOptions = { minVersion: 'TLSv1', maxVersion: 'TLSv1', ciphers: 'AES128-SHA:AES256-SHA:@SECLEVEL=0' };

/**
 * Starts an iLO with its machine, which is off.
 * @throws INVALID_OPTIONS for an iLO that cannot exist; CONFLICT when its port cannot be had
 */
export async function startIlo(options: IloOptions): Promise<VirtualIlo> {
  checkIloOptions(options);
  const name = options.name ?? `${options.generation}-${randomBytes(3).toString('hex')}`;
  const host = options.host ?? '127.0.0.1';
  const username = options.username ?? 'Administrator';
  const password = Secret.from(options.password ?? randomBytes(8).toString('hex'));
  const machine = new Machine(name, { username, password }, options);
  const counter = new Counter();
  const behaviour: IloBehaviour = { ...DEFAULT_BEHAVIOUR, ...options.behaviour };
  const sessions = new Sessions({ clock: machine.clock, most: options.mostSessions ?? 10, timeoutMs: () => behaviour.sessionTimeoutMs });
  const switchboard = createFaultSwitchboard(SUPPORTED_FAULTS);
  let listener: Listener | undefined;
  const httpsCertificate = new HttpsCertificate({
    clock: machine.clock,
    first: await makeCertificate(options.tls ?? 'modern', machine, host),
    key: options.tls === 'legacy' ? 'RSA 2048, SHA-256' : 'EC P-256, SHA-256',
    requestMs: options.certificateRequestMs ?? DEFAULT_REQUEST_MS,
  });
  httpsCertificate.onTaken = (next) => listener?.secure(tlsOptions(next, options.tls));
  const controller = new Controller({
    machine,
    sessions,
    counter,
    behaviour,
    httpsCertificate,
    durations: { ...DEFAULT_RESET, ...options.resetDurations },
    network: { leave: () => listener?.stop(true), come: () => listener?.start() },
  });
  const faces = facesOf(options.generation, machine.identity.firmwareVersion);
  let router: Router = (): Promise<WireReply> => Promise.reject(new FerricError('INTERNAL', 'Nobody is let in before the port is known'));
  const served = {
    counter,
    clock: machine.clock,
    listener: () => listener,
    takeFault: () => switchboard.take(),
    delayMs: () => behaviour.delayMs,
    async answer(request: WireRequest, fault: Fault | undefined): Promise<WireReply> {
      const reply = await router(request, fault);
      const asked = reply.asked === undefined ? '' : ` ${reply.asked}`;
      options.onLine?.(`${request.method} ${request.target.split('?')[0] ?? ''}${asked}: ${reply.status}`);
      return behaviour.contentType === undefined ? reply : { ...reply, headers: { ...reply.headers, 'Content-Type': behaviour.contentType } };
    },
  };
  try {
    listener = await listen(host, options.port ?? 0, tlsOptions(httpsCertificate.current, options.tls), (request, response) => void serve(request, response, served));
  } catch (error) {
    controller[Symbol.dispose]();
    machine[Symbol.dispose]();
    throw error;
  }
  const { port } = listener;
  router = createRouter(controller, faces, `https://${host}${port === 443 ? '' : `:${port}`}`);
  const own = listener;
  let refusesAll = false;
  const refuseAll = (isRefusing: boolean): void => {
    if (isRefusing === refusesAll) return;
    refusesAll = isRefusing;
    if (isRefusing) own.stop(true);
    else own.start();
  };

  return {
    name,
    host,
    port,
    username,
    password: password.reveal(),
    get certificate() {
      return httpsCertificate.current.certificate;
    },
    get fingerprint() {
      return httpsCertificate.current.fingerprint;
    },
    machine,
    faces,
    behaviour,
    faults: {
      supported: switchboard.supported,
      inject(fault) {
        switchboard.inject(fault);
        refuseAll(fault.kind === 'refuse');
      },
      clear() {
        switchboard.clear();
        refuseAll(false);
      },
    },
    activity: activityOf(counter, own, sessions),
    reset: () => controller.reset(),
    expireSessions: () => sessions.endAll(),
    async unplug() {
      own.stop(true);
      await own.settled();
    },
    async plugIn() {
      own.start();
      await own.settled();
    },
    async [Symbol.asyncDispose]() {
      controller[Symbol.dispose]();
      machine[Symbol.dispose]();
      await own[Symbol.asyncDispose]();
    },
  };
}

/** As an iLO has it from the factory: its name is `ILO` and the serial number, and an old one has a small key and SHA-1. */
function makeCertificate(kind: NonNullable<IloOptions['tls']>, { identity, clock }: Machine, host: string): Promise<SelfSignedCertificate> {
  const name = `ILO${identity.serialNumber}`;
  return createSelfSignedCertificate({
    names: [host, name], commonName: name, organization: 'Hewlett-Packard Company', now: clock.now(), daysValid: 3650,
    ...(kind === 'legacy' ? { key: 'RSA 1024, SHA-1' } : {}),
  });
}

function tlsOptions(certificate: KeyedCertificate, kind: IloOptions['tls']): ServerOptions {
  const pair = { cert: certificate.certificate, key: certificate.privateKey };
  return kind === 'legacy' ? { ...pair, ...LEGACY_TLS } : { ...pair, minVersion: 'TLSv1.2' };
}

function activityOf(counter: Counter, listener: Listener, sessions: Sessions): IloActivity {
  return {
    get openConnections() {
      return Math.max(listener.connections, sessions.open.length);
    },
    get mostConcurrentExchanges() {
      return counter.mostActive;
    },
    get changeCommands() {
      return counter.changes;
    },
    get authenticationAttempts() {
      return counter.attempts;
    },
    get openSessions() {
      return sessions.open.length;
    },
    get mostOpenSessions() {
      return counter.mostSessions;
    },
    get logins() {
      return counter.logins;
    },
    get requests() {
      return counter.requests;
    },
    get operations() {
      return { ...counter.operations };
    },
    get latestOperations() {
      return [...counter.latest];
    },
  };
}
