import { invalidOptions, printValue, type Firmware, type FirmwareComponent } from '@ferric/core';
import { FIRMWARE_COMPONENT_NAMES, type IloFirmwareComponentName } from './client/index.js';
import { checkHttpUrl } from './client/media/http-url.js';
import { needsUpload, withDownload } from './firmware-download.js';
import type { IloCall, IloMachine } from './ilo-machine.js';

/** Writing flash memory, and the iLO's start afterwards, for each image. Milliseconds. */
export const UPDATE_MS = 3_600_000;

/** What is written, from where, and how it is known to be whole. */
export interface FirmwareUpdate {
  readonly component: IloFirmwareComponentName;
  readonly url: URL;
  /** MD5, SHA-256 or SHA-512 in hexadecimal digits. */
  readonly checksum?: string | undefined;
}

/** Firmware of the iLO, the system and its parts. Parts other than the iLO run the new one from the next start of the machine on. */
export function createIloFirmware(machine: IloMachine): Firmware {
  return {
    read: (options) =>
      machine.perform({ what: 'read firmware' }, options, async ({ client, options: call }) =>
        (await client.firmware.read(call)).map(({ component, version }): FirmwareComponent => ({ component, currentVersion: version })),
      ),
    async update(updates, options) {
      const checked = updates.map(({ component, url }, index) => {
        checkHttpUrl('Firmware of an iLO', url, `updates.${index}.url`);
        return { component: requireComponent(component, `updates.${index}.component`), url };
      });
      await machine.perform({ what: 'update firmware', timeoutMs: UPDATE_MS * Math.max(1, Math.min(checked.length, 24)) }, options, (call) => writeFirmware(machine, call, checked));
      return 'done';
    },
  };
}

/** Writes one image after the other; the first that fails is the last. */
export async function writeFirmware({ logger, address }: IloMachine, { client, options }: IloCall, updates: readonly FirmwareUpdate[]): Promise<void> {
  const uploads = needsUpload(await client.identify(options));
  for (const { component, url, checksum } of updates) {
    const onProgress = ({ state, percent }: { readonly state: string; readonly percent: number | null }): void =>
      logger.debug({ address, component, state, percent }, 'Firmware is being written');
    const write = (upload?: Parameters<typeof client.firmware.update>[0]['upload']): Promise<void> =>
      client.firmware.update({ component, url, ...(upload === undefined ? {} : { upload }) }, { ...options, onProgress });
    // Without a checksum and for a controller that loads images by itself, there is nothing that a copy would be good for.
    if (uploads || checksum !== undefined) await withDownload(url, { ...options, checksum }, (file) => write(uploads ? file : undefined));
    else await write();
  }
}

/** @throws INVALID_OPTIONS for a part that an iLO does not write */
export function requireComponent(component: unknown, field: string): IloFirmwareComponentName {
  const known = FIRMWARE_COMPONENT_NAMES.find((each) => each === component);
  if (known !== undefined) return known;
  throw invalidOptions('Firmware of an iLO', [{ field, problem: 'invalid', expected: `one of ${FIRMWARE_COMPONENT_NAMES.join(', ')}`, received: printValue(component) }]);
}
