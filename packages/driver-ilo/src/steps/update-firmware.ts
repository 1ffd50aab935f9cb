import { invalidOptions, printValue, type JsonObject, type JsonValue } from '@ferric/core';
import { checkHttpUrl } from '../client/media/http-url.js';
import { checksumAlgorithm } from '../firmware-download.js';
import { requireComponent, UPDATE_MS, writeFirmware, type FirmwareUpdate } from '../ilo-firmware.js';
import type { StepFacts } from './step-table.js';

const SUBJECT = 'Arguments of update_firmware';

/** Writing ten images takes this long at most. Milliseconds. */
const ALL_MS = 10 * UPDATE_MS;

/** Source: Ironic, ironic/drivers/modules/ilo/management.py (update_firmware) and firmware_processor.py. */
export const updateFirmware: StepFacts = {
  name: 'update_firmware',
  timeoutMs: ALL_MS,
  arguments: {
    firmware_update_mode: { description: "How the firmware is written: 'ilo', by the iLO.", required: true },
    firmware_images: {
      description: "The images, in the order in which they are written: a list of {url, checksum, component}. Addresses are http or https, and the iLO must reach them; the checksum is MD5, SHA-256 or SHA-512; components are 'ilo', 'cpld', 'power_pic', 'bios' and 'chassis'.",
      required: true,
    },
  },
  check: (args) => void readUpdates(args),
  async run({ machine, call, args }) {
    await writeFirmware(machine, call, readUpdates(args));
    return 'done';
  },
};

function readUpdates({ firmware_update_mode: mode = null, firmware_images: images = null }: JsonObject): readonly FirmwareUpdate[] {
  if (mode !== 'ilo') throw wrong('firmware_update_mode', '"ilo"', mode);
  if (!Array.isArray(images) || images.length === 0) throw wrong('firmware_images', 'a list of {url, checksum, component}', images);
  return images.map((image: JsonValue, index) => {
    const field = (name: string): string => `firmware_images.${index}.${name}`;
    const { url = null, checksum = null, component = null } = isObject(image) ? image : {};
    if (typeof checksum !== 'string') throw wrong(field('checksum'), 'a checksum in hexadecimal digits', checksum);
    checksumAlgorithm(checksum, field('checksum'));
    return { component: requireComponent(component, field('component')), url: readUrl(url, field('url')), checksum };
  });
}

function readUrl(value: JsonValue, field: string): URL {
  const url = typeof value === 'string' ? URL.parse(value) : null;
  if (url === null) throw wrong(field, 'an http or https address', value);
  checkHttpUrl(SUBJECT, url, field);
  return url;
}

function wrong(field: string, expected: string, received: JsonValue): Error {
  return invalidOptions(SUBJECT, [{ field, problem: 'invalid', expected, received: printValue(received) }]);
}

function isObject(value: JsonValue): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
