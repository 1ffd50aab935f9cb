import { randomBytes } from 'node:crypto';
import type { SelfSignedCertificate } from '@ferric/core/testing';
import { RECORDED_AUDITS, RECORDED_EVENTS } from './data/log-data.js';
import type { AmtDeviceOptions, AmtProtocols } from './device-options.js';
import { type Generation, GENERATION_TRAITS } from './generations.js';
import type { MachineSettings } from './machine/amt-machine.js';

const DEFAULT_GENERATION: Generation = 15;
const DEFAULT_CERTIFICATE_NAME = 'amt.example';

/** What a device is called and how it is reached, with everything filled in that was left out. */
export interface Identification {
  readonly name: string;
  readonly host: string;
  readonly generation: Generation;
  readonly protocols: AmtProtocols;
  readonly username: string;
  readonly password: string;
  readonly certificateName: string;
}

export function identify(options: AmtDeviceOptions): Identification {
  const { host = '127.0.0.1', generation = DEFAULT_GENERATION, username = 'admin', certificateName = DEFAULT_CERTIFICATE_NAME } = options;
  return {
    name: options.name ?? `amt-${randomBytes(3).toString('hex')}`,
    host, generation, username, certificateName,
    protocols: options.protocols ?? (GENERATION_TRAITS[generation].plain ? 'http' : 'https'),
    password: options.password ?? madeUpPassword(),
  };
}

export function machineSettings(
  options: AmtDeviceOptions, { name, host, generation, certificateName }: Identification, certificate: SelfSignedCertificate | undefined,
): MachineSettings {
  const { controlMode = 'admin', consentRequired = 0, bootsFrom = 'disk', events = RECORDED_EVENTS, audits = RECORDED_AUDITS } = options;
  return {
    generation, controlMode, consentRequired, bootsFrom, events, audits,
    identity: {
      hostName: name, domainName: 'example', ipAddress: host, macAddress: options.macAddress ?? madeUpMacAddress(),
      platformGuid: options.platformGuid ?? digits(16), serialNumber: digits(6), realm: `Digest:${digits(16)}`,
    },
    flashWriteLimit: options.flashWriteLimit ?? Number.MAX_SAFE_INTEGER,
    onConsentCode: (code) => options.onConsentCode?.(code),
    isTlsOn: certificate !== undefined,
    certificate: certificate === undefined ? undefined : { name: certificateName, der: certificate.der },
  };
}

/** Digits as AMT writes them. */
function digits(bytes: number): string {
  return randomBytes(bytes).toString('hex').toUpperCase();
}

function madeUpMacAddress(): string {
  return `52:54:00:${randomBytes(3).toString('hex').replace(/..(?=.)/g, '$&:')}`;
}

/** As AMT asks for: upper and lower case, a digit, and something else. */
function madeUpPassword(): string {
  return `Aa1!${randomBytes(8).toString('hex')}`;
}
