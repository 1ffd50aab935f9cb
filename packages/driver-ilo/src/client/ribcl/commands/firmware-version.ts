import { readCommand, type RibclCommand } from '../command.js';
import { attributeOf } from '../wire/element.js';
import { required, textOrNull } from './facts.js';

/** What the controller says of itself. */
export interface RibclFirmwareVersion {
  /** `1.82` */
  readonly version: string;
  /** As the controller writes it: `Jan 15 2015`. */
  readonly date: string | null;
  /** `iLO3`, `iLO4` */
  readonly managementProcessor: string | null;
  /** `iLO 3 Advanced`; null when the firmware does not tell. */
  readonly licenceType: string | null;
}

/** What the controller says of itself; the cheapest question that needs a login. Source: HPE iLO 4 Scripting and Command Line Guide, GET_FW_VERSION. */
export function readFirmwareVersion(): RibclCommand<RibclFirmwareVersion> {
  return readCommand('GET_FW_VERSION', { group: 'RIB_INFO' }, (payload) => ({
    version: required(attributeOf(payload, 'FIRMWARE_VERSION'), 'the firmware version', payload),
    date: textOrNull(attributeOf(payload, 'FIRMWARE_DATE')),
    managementProcessor: textOrNull(attributeOf(payload, 'MANAGEMENT_PROCESSOR')),
    licenceType: textOrNull(attributeOf(payload, 'LICENSE_TYPE')),
  }));
}
