import { X509Certificate } from 'node:crypto';
import { BOOT_MODES, FerricError, printValue, type BootDevice, type BootDeviceName, type BootMode, type BootModeName, type HttpBoot, type SecureBoot } from '@ferric/core';
import type { IloBootModes } from './client/index.js';
import type { IloCall, IloMachine } from './ilo-machine.js';

/** What the machine boots from. */
export function createIloBootDevice(machine: IloMachine): BootDevice {
  const devices = machine.facts.bootDevices;
  const supported: ReadonlySet<BootDeviceName> = new Set(devices);
  return {
    supported,
    read: (options) => machine.perform({ what: 'read boot device' }, options, ({ client, options: call }) => client.bootDevice.read(call)),
    async set(device, setting, options) {
      const known = devices.find((each) => each === device);
      if (known === undefined) throw unsupportedDevice(machine, device, devices);
      await machine.perform({ what: 'set boot device' }, options, ({ client, options: call }) => client.bootDevice.set(known, setting, call));
    },
  };
}

/** Firmware mode of the next boot. */
export function createIloBootMode(machine: IloMachine): BootMode {
  return {
    supported: new Set(BOOT_MODES),
    read: (options) => machine.perform({ what: 'read boot mode' }, options, async ({ client, options: call }) => nextMode(await client.bootMode.read(call))),
    set: (mode, options) => machine.perform({ what: 'set boot mode' }, options, ({ client, options: call }) => client.bootMode.set(mode, call)),
  };
}

/** A machine that was never on has no mode yet, and starts in UEFI mode when it can. Source: Ironic, ironic/drivers/modules/ilo/common.py (update_boot_mode). */
function nextMode({ pending, current, supported }: IloBootModes): BootModeName {
  return pending ?? current ?? (supported.includes('uefi') ? 'uefi' : 'bios');
}

/** UEFI secure boot, as it will be with the next boot. */
export function createIloSecureBoot(machine: IloMachine): SecureBoot {
  return {
    read: (options) => machine.perform({ what: 'read secure boot' }, options, async ({ client, options: call }) => (await client.secureBoot.read(call)).next),
    set: (enabled, options) => machine.perform({ what: 'set secure boot' }, options, ({ client, options: call }) => client.secureBoot.set(enabled, call)),
  };
}

/** Boot of the firmware from an address. Without `trust` where the owner of the machine does not want its certificates changed. */
export function createIloHttpBoot(machine: IloMachine): HttpBoot {
  return {
    read: (options) => machine.perform({ what: 'read boot address' }, options, ({ client, options: call }) => client.httpBoot.read(call)),
    set: (url, options) => machine.perform({ what: 'set boot address' }, options, ({ client, options: call }) => client.httpBoot.set(url, call)),
    ...(machine.info.ilo_add_certificates
      ? { trust: (certificates, options) => machine.perform({ what: 'add certificates' }, options, (call) => addCertificates(call, certificates)) }
      : {}),
  };
}

/** The iLO lists what the firmware trusted with its last start: a certificate that was added since then is added again, which changes nothing. */
async function addCertificates({ client, options }: IloCall, certificates: readonly string[]): Promise<number> {
  const known = new Set((await client.certificates.read(options)).map(({ fingerprint }) => plainFingerprint(fingerprint)));
  const missing = new Map(certificates.map((text) => [plainFingerprint(new X509Certificate(text).fingerprint256), text]));
  const added = [...missing].filter(([fingerprint]) => !known.has(fingerprint)).map(([, text]) => text);
  if (added.length > 0) await client.certificates.add(added, options);
  return added.length;
}

function plainFingerprint(text: string): string {
  return text.replaceAll(':', '').toLowerCase();
}

function unsupportedDevice({ address, info }: IloMachine, device: unknown, accepted: readonly BootDeviceName[]): FerricError {
  const which = info.ilo_generation === undefined ? 'A machine with an iLO' : `A ${info.ilo_generation} machine`;
  return new FerricError('UNSUPPORTED', `${which} cannot boot from ${printValue(device)}`, {
    details: { address, field: 'device', received: printValue(device), accepted: [...accepted] },
    hint: `Use one of: ${accepted.join(', ')}.`,
  });
}
