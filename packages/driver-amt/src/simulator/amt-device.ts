import type { Socket } from 'node:net';
import type { TlsOptions } from 'node:tls';
import { type Clock, createFaultSwitchboard, type FaultKind, type FaultSwitches, systemClock } from '@ferric/core';
import { createSelfSignedCertificate, type SelfSignedCertificate } from '@ferric/core/testing';
import { type AmtActivity, createActivity } from './activity.js';
import { identify, machineSettings } from './complete-options.js';
import { type AmtDeviceOptions, checkDeviceOptions } from './device-options.js';
import { createDigestGuard } from './digest/digest-guard.js';
import { type Generation, GENERATION_TRAITS, type GenerationTraits } from './generations.js';
import { type RequestTaker, serveConnection } from './http/serve-connection.js';
import { type AmtMachine, createAmtMachine } from './machine/amt-machine.js';
import { authenticationFailed } from './machine/event-log.js';
import { isRunning } from './machine/power-states.js';
import { openNetwork } from './network.js';
import { createAmtService } from './service/amt-service.js';
import { createCounts } from './service/counts.js';
import { createEngine, type Engine } from './service/engine.js';
import { type AmtTrouble, createPlannedAnswers, createTrouble, type PlannedAnswer } from './service/trouble.js';

/** A simulated machine with AMT. */
export interface AmtDevice extends AsyncDisposable {
  readonly name: string;
  readonly generation: Generation;
  readonly host: string;
  /** Port without TLS; undefined when there is none. */
  readonly port: number | undefined;
  /** Port with TLS; undefined when there is none. */
  readonly tlsPort: number | undefined;
  readonly username: string;
  readonly password: string;
  /** What it shows in TLS; undefined without TLS. The private key is not in it. */
  readonly certificate: Omit<SelfSignedCertificate, 'privateKey'> | undefined;
  /** The machine and its management engine. What a person at the machine could do, a test may do here. */
  readonly machine: AmtMachine;
  readonly engine: Engine;
  readonly faults: FaultSwitches;
  /** What goes wrong besides; may be changed at any time. */
  readonly trouble: AmtTrouble;
  /** Has requests answered otherwise than they should be. */
  plan(answer: PlannedAnswer): void;
  /** Takes back what was planned and not given yet. */
  forgetPlans(): void;
  /** Every nonce that it gave out is no good any more. */
  forgetNonces(): void;
  readonly activity: AmtActivity;
  /** Takes it off the network: whoever is connected is cut off, nobody gets in. The machine stays as it is. */
  unplug(): Promise<void>;
  /** Puts it back, at the same ports. */
  plugIn(): Promise<void>;
}

const SUPPORTED_FAULTS: readonly FaultKind[] = [
  'silence', 'refuse', 'reset', 'close', 'half frame', 'garbage', 'slow', 'busy', 'wrong state', 'command failure',
];
const MINUTE_MS = 60_000;
/** As management engines make theirs. */
const CERTIFICATE = { key: 'RSA 2048, SHA-256', daysValid: 3650 } as const;
const DEFAULTS = { maxConnections: 4, idleMs: 30_000 } as const;

/**
 * Starts a device. It listens on free ports of 127.0.0.1 unless told otherwise, and its machine is off.
 * @throws INVALID_OPTIONS for a device that cannot exist; CONFLICT when a port cannot be had
 */
export async function startAmtDevice(options: AmtDeviceOptions = {}, clock: Clock = systemClock): Promise<AmtDevice> {
  checkDeviceOptions(options);
  const identification = identify(options);
  const { name, host, generation, protocols, username, password, certificateName } = identification;
  const traits = GENERATION_TRAITS[generation];
  const certificate = protocols === 'http' ? undefined : await createSelfSignedCertificate({ names: [certificateName], now: clock.now(), ...CERTIFICATE });
  const machine = createAmtMachine(machineSettings(options, identification, certificate), clock);
  const faults = createFaultSwitchboard(SUPPORTED_FAULTS);
  const trouble = createTrouble();
  const planned = createPlannedAnswers();
  const counts = createCounts();
  const say = (line: string): void => options.onLine?.(line);
  const guard = createDigestGuard(
    {
      realm: machine.identity.realm, users: [{ username, password }, ...(options.users ?? [])], qop: options.qop ?? traits.qop,
      nonceLifetimeMs: options.nonceLifetimeMs, lockout: options.lockout,
    },
    clock,
    (failures) => machine.events.add(authenticationFailed(machine.seconds(), failures)),
  );
  const engine = createEngine({
    mode: options.engine ?? 'always', clock, isRunning: () => isRunning(machine.power.state), idleMs: () => idleWakeMinutes(machine) * MINUTE_MS,
  });
  const service = createAmtService({ machine, guard, faults, trouble, planned, counts, clock, say });

  const serve = (socket: Socket): void => {
    const address = socket.remoteAddress ?? '';
    const taker: RequestTaker = {
      take(request, gone) {
        engine.heard();
        return service.take(request, address, gone);
      },
      refuse: service.refuse,
      idleMs: () => options.idleMs ?? DEFAULTS.idleMs,
      segmentBytes: () => trouble.segmentBytes,
    };
    serveConnection(socket, taker, clock);
  };
  const network = await openNetwork({
    host, engine, serve, say,
    port: protocols === 'https' ? undefined : (options.port ?? 0),
    tlsPort: protocols === 'http' ? undefined : (options.tlsPort ?? 0),
    tls: certificate === undefined ? {} : tlsOptions(traits, certificate),
    maxConnections: options.maxConnections ?? DEFAULTS.maxConnections,
  });

  return {
    name, generation, host, username, password, machine, engine, trouble,
    port: network.port,
    tlsPort: network.tlsPort,
    certificate: certificate === undefined ? undefined : { certificate: certificate.certificate, der: certificate.der, fingerprint: certificate.fingerprint },
    faults: {
      supported: faults.supported,
      inject(fault) {
        faults.inject(fault);
        if (fault.kind === 'refuse') network.shut();
        else network.reopen();
      },
      clear() {
        faults.clear();
        network.reopen();
      },
    },
    plan: (answer) => planned.add(answer),
    forgetPlans: () => planned.clear(),
    forgetNonces: () => guard.forgetNonces(),
    activity: createActivity({ network, counts, guard, engine, machine }),
    async unplug() {
      network.shut();
      await network.cutOff();
    },
    async plugIn() {
      network.reopen();
      await network.settled();
    },
    async [Symbol.asyncDispose]() {
      await network[Symbol.asyncDispose]();
      for (const part of [engine, machine]) part[Symbol.dispose]();
    },
  };
}

function tlsOptions({ tls: [minVersion, maxVersion] }: GenerationTraits, { certificate, privateKey }: SelfSignedCertificate): TlsOptions {
  // Versions before 1.2 need hash functions that OpenSSL only takes at this level.
  const ciphers = minVersion === 'TLSv1.2' ? {} : { ciphers: 'DEFAULT:@SECLEVEL=0' };
  return { cert: certificate, key: privateKey, minVersion, maxVersion, ...ciphers };
}

function idleWakeMinutes({ settings }: AmtMachine): number {
  return Number(settings.read('AMT_GeneralSettings', '', { IdleWakeTimeout: 1 })['IdleWakeTimeout']);
}
