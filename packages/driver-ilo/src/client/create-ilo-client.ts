import { createClosing } from '@ferric/core';
import { createBios } from './bios/bios.js';
import { createBootDevice } from './boot/boot-device.js';
import { createBootMode } from './boot/boot-mode.js';
import { createCertificates } from './boot/certificates.js';
import { createHttpBoot } from './boot/http-boot.js';
import { createSecureBoot } from './boot/secure-boot.js';
import { createConnection } from './connection/connection.js';
import { persistently, type Waiting } from './connection/outages.js';
import { createAccounts } from './controller/accounts.js';
import { createController } from './controller/controller.js';
import { createHttpsCertificate } from './controller/https-certificate.js';
import { createLicence } from './controller/licence-key.js';
import { createSecureErase } from './controller/secure-erase.js';
import { createSecurity } from './controller/security.js';
import { createSubscriptions } from './controller/subscriptions.js';
import { createIdentifier } from './detection/identify.js';
import { createFirmware } from './firmware/firmware.js';
import { createEventLog } from './health/event-log.js';
import { createSensors } from './health/sensors.js';
import type { IloClient, IloClientSettings, IloIdentity } from './ilo-client.js';
import { createInventory } from './inventory/inventory.js';
import { createVirtualMedia } from './media/virtual-media.js';
import { createPerformer } from './operations/perform.js';
import { createIdentifyLight } from './power/identify-light.js';
import { createNmi } from './power/nmi.js';
import { createPower } from './power/power.js';
import { createRaid } from './raid/raid.js';
import { checkIloSettings } from './settings.js';

const IDENTIFY_TIMEOUT_MS = 300_000;

/** Makes a client; it connects with the first call. @throws INVALID_OPTIONS naming every setting that cannot be used */
export function createIloClient(settings: IloClientSettings): IloClient {
  const checked = checkIloSettings(settings);
  const { address, clock, pauses, username } = checked;
  const closing = createClosing(`The iLO client of ${address} was closed`);
  const connection = createConnection(checked);
  const identifier = createIdentifier(checked, connection);
  const identify = (waiting: Waiting): Promise<IloIdentity> => persistently(waiting, pauses.retryMs, () => identifier.identify(waiting));
  const performer = createPerformer(checked, connection, closing, identify);
  const forget = (): void => {
    identifier.forget();
    connection.forget();
    performer.forget();
  };
  const { perform } = performer;
  const parts = { settings: checked, connection, performer, identify: identifier.identify, forget };
  return {
    address,
    identify: (options) => performer.within('the identity', options, IDENTIFY_TIMEOUT_MS, identify),
    forget,
    power: createPower(perform, clock),
    bootDevice: createBootDevice(perform),
    bootMode: createBootMode(perform),
    secureBoot: createSecureBoot(perform),
    virtualMedia: createVirtualMedia(perform),
    sensors: createSensors(perform),
    inventory: createInventory(perform),
    eventLog: createEventLog(perform),
    nmi: createNmi(perform),
    bios: createBios(perform),
    raid: createRaid(perform),
    firmware: createFirmware(perform, parts),
    licence: createLicence(perform),
    accounts: createAccounts({ perform, connection, gate: checked.gate, username }),
    controller: createController(parts),
    identifyLight: createIdentifyLight(perform),
    security: createSecurity(perform),
    httpBoot: createHttpBoot(perform),
    certificates: createCertificates(perform),
    httpsCertificate: createHttpsCertificate(parts),
    subscriptions: createSubscriptions(perform),
    secureErase: createSecureErase(perform),
    async [Symbol.asyncDispose]() {
      await closing[Symbol.asyncDispose]();
      await connection[Symbol.asyncDispose]();
    },
  };
}
