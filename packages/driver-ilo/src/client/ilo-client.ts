import type { CallOptions } from '@ferric/core';
import type { IloBootDevice, IloBootMode, IloCertificates, IloHttpBoot, IloSecureBoot } from './contract/boot.js';
import type { IloBios, IloRaid, IloSecureErase } from './contract/configuration.js';
import type { IloAccounts, IloController, IloLicence, IloSecurity } from './contract/controller.js';
import type { IloFirmware } from './contract/firmware.js';
import type { IloHttpsCertificate } from './contract/https-certificate.js';
import type { IloVirtualMedia } from './contract/media.js';
import type { IloEventLog, IloInventory, IloSensors } from './contract/monitoring.js';
import type { IloIdentifyLight, IloNmi, IloPower } from './contract/power.js';
import type { IloIdentity } from './contract/settings.js';
import type { IloSubscriptions } from './contract/subscriptions.js';

export * from './contract/boot.js';
export * from './contract/configuration.js';
export * from './contract/controller.js';
export * from './contract/firmware.js';
export * from './contract/https-certificate.js';
export * from './contract/media.js';
export * from './contract/monitoring.js';
export * from './contract/power.js';
export * from './contract/settings.js';
export * from './contract/subscriptions.js';

/**
 * One iLO of generation 3 to 7 with its server. Connects, logs in and finds out what the controller speaks with the first call; a group asks for each
 * operation the best back end that offers it. Reads that get no answer are repeated within the deadline; changes are sent once.
 *
 * Default of `timeoutMs`, where the call names no other: five minutes for the whole call. All calls throw: INVALID_OPTIONS, UNREACHABLE, TIMEOUT,
 * AUTH_FAILED (never tried a second time, never taken for an absent protocol), TLS_UNTRUSTED, PROTOCOL_FAULT, BUSY, REFUSED, ABORTED after disposal,
 * the caller's abort reason, and UNSUPPORTED naming the operation and the generation when no back end offers it (`details.operation`, `details.ilo`).
 */
export interface IloClient extends AsyncDisposable {
  /** `192.0.2.10:443` */
  readonly address: string;
  /** What the controller is. Needs no login where the controller tells it. Remembered until {@link forget}. @throws BUSY while it is starting */
  identify(options?: CallOptions): Promise<IloIdentity>;
  /** Forgets what was learned about the controller; done by itself after a reset or an update of its firmware. */
  forget(): void;
  readonly power: IloPower;
  readonly bootDevice: IloBootDevice;
  readonly bootMode: IloBootMode;
  readonly secureBoot: IloSecureBoot;
  readonly virtualMedia: IloVirtualMedia;
  readonly sensors: IloSensors;
  readonly inventory: IloInventory;
  readonly eventLog: IloEventLog;
  readonly nmi: IloNmi;
  readonly bios: IloBios;
  readonly raid: IloRaid;
  readonly firmware: IloFirmware;
  readonly licence: IloLicence;
  readonly accounts: IloAccounts;
  readonly controller: IloController;
  readonly identifyLight: IloIdentifyLight;
  readonly security: IloSecurity;
  readonly httpBoot: IloHttpBoot;
  readonly certificates: IloCertificates;
  readonly httpsCertificate: IloHttpsCertificate;
  readonly subscriptions: IloSubscriptions;
  readonly secureErase: IloSecureErase;
}
