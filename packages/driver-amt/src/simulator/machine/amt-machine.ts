import type { Clock } from '@ferric/core';
import { GENERATION_TRAITS, type Generation, type GenerationTraits } from '../generations.js';
import { type AuditLog, AUDITED, type AuditRecord, createAuditLog } from './audit-log.js';
import { type BootTarget, type BootUnit, createBootUnit } from './boot-unit.js';
import { type ClockUnit, createClockUnit } from './clock-unit.js';
import { CONSENT_FOR, type ConsentUnit, createConsentUnit } from './consent-unit.js';
import { createEventLog, type EventLog, type EventRecord, systemStarts } from './event-log.js';
import { createFlash, type Flash } from './flash.js';
import { hasPower } from './power-states.js';
import { createPowerUnit, type PowerUnit } from './power-unit.js';
import { createSettingsStore, type SettingsStore } from './settings-store.js';

/** Who controls the machine: `admin` may do everything, `client` needs the consent of the person at it. */
export type ControlMode = 'admin' | 'client';

export interface MachineIdentity {
  readonly hostName: string;
  readonly domainName: string;
  readonly ipAddress: string;
  /** Colons, lower case. */
  readonly macAddress: string;
  /** 32 hexadecimal digits as AMT writes them: the first three groups byte by byte from behind. */
  readonly platformGuid: string;
  readonly serialNumber: string;
  /** `Digest:` and 32 hexadecimal digits. */
  readonly realm: string;
}

export interface MachineSettings {
  readonly generation: Generation;
  readonly identity: MachineIdentity;
  readonly controlMode: ControlMode;
  /** One of {@link CONSENT_FOR}. In client control mode consent is needed for everything, whatever this says. */
  readonly consentRequired: number;
  readonly events: readonly EventRecord[];
  readonly audits: readonly AuditRecord[];
  readonly flashWriteLimit: number;
  /** Is told the code of consent when the screen of the machine shows one. */
  readonly onConsentCode: (code: string) => void;
  /** What the BIOS starts when nobody tells it otherwise. */
  readonly bootsFrom: BootTarget;
  readonly isTlsOn: boolean;
  /** What TLS shows; undefined without TLS. */
  readonly certificate: ShownCertificate | undefined;
}

export interface ShownCertificate {
  readonly name: string;
  readonly der: Uint8Array;
}

/** A machine with its management engine: everything but the wire. */
export interface AmtMachine extends Disposable {
  readonly generation: Generation;
  readonly traits: GenerationTraits;
  readonly identity: MachineIdentity;
  readonly controlMode: ControlMode;
  readonly isTlsOn: boolean;
  readonly certificate: ShownCertificate | undefined;
  readonly power: PowerUnit;
  readonly boot: BootUnit;
  readonly consent: ConsentUnit;
  readonly clock: ClockUnit;
  readonly events: EventLog;
  readonly audits: AuditLog;
  readonly settings: SettingsStore;
  readonly flash: Flash;
  /** Firmware that leaves a boot source where it is when the machine has started from it. Default false. */
  keepsBootSource: boolean;
  /** Seconds since 1970 by the device's clock. */
  seconds(): number;
  /** Writes down who did something. */
  audit(what: keyof typeof AUDITED, user: string, address: string, extended?: Uint8Array): void;
}

export function createAmtMachine(settings: MachineSettings, clock: Clock): AmtMachine {
  const { generation, identity, controlMode, isTlsOn, certificate } = settings;
  const boot = createBootUnit(clock, settings.bootsFrom, () => machine.keepsBootSource);
  const events = createEventLog(settings.events);
  const audits = createAuditLog(settings.audits);
  const power = createPowerUnit(generation, clock, boot, {
    started: () => events.add(systemStarts(machine.seconds())),
    session: (isOpen) => consent.setSession(isOpen),
  });
  const machineClock = createClockUnit(clock, () => {
    if (!hasPower(power.state)) power.power.state.power = 'power on';
  });
  const consent = createConsentUnit(clock, controlMode === 'client' ? CONSENT_FOR.everything : settings.consentRequired, settings.onConsentCode);
  const machine: AmtMachine = {
    generation,
    traits: GENERATION_TRAITS[generation],
    identity,
    controlMode,
    isTlsOn,
    certificate,
    power,
    boot,
    consent,
    clock: machineClock,
    events,
    audits,
    settings: createSettingsStore(),
    flash: createFlash(settings.flashWriteLimit),
    keepsBootSource: false,
    seconds: () => Math.floor(machineClock.now().getTime() / 1000),
    audit(what, user, address, extended = new Uint8Array()) {
      const [application, event] = AUDITED[what];
      audits.add({ application, event, initiator: { kind: 0, name: user }, time: machine.seconds(), locationType: 0, address, extended });
    },
    [Symbol.dispose]() {
      for (const part of [power, consent, machineClock]) part[Symbol.dispose]();
    },
  };
  return machine;
}
