import type { Machine } from '../machine/machine.js';
import { attribute, nest } from './documents.js';

/** Records of SMBIOS: the firmware, the machine, its processors. Source: DMTF DSP0134, 7.1, 7.2 and 7.5. */
export function hostData(machine: Machine): string {
  const { identity, hardware } = machine;
  const { romFamily, romDate } = identity.facts;
  return nest(
    'GET_HOST_DATA',
    record(0, structure(0, [0x01, 0x02, 0x00, 0xf0, 0x03, 0x7f], ['HP', romFamily, romDate]), { Family: romFamily, Date: romDate }),
    record(1, structure(1, [0x01, 0x02, 0x00, 0x03], ['HP', identity.productName, identity.serialNumber]), {
      'Product Name': identity.productName,
      'Serial Number': identity.serialNumber,
      UUID: `${identity.facts.partNumber.slice(0, 6)}${identity.serialNumber}`,
      cUUID: identity.uuid,
    }),
    ...hardware.processors.map(({ socket, model, cores, threads, speedMhz }) =>
      record(4, structure(4, [0x01, 0x03, 0xb3, 0x02], [`Proc ${socket}`, model]), {
        Label: `Proc ${socket}`,
        Speed: `${speedMhz} MHz`,
        'Execution Technology': `${cores} of ${cores} cores; ${threads} threads`,
        'Memory Technology': '64-bit Capable',
      }),
    ),
  );
}

/** The bytes of one structure: type, length, handle, fields, then its texts. */
function structure(type: number, fields: readonly number[], texts: readonly string[]): Buffer {
  const head = Buffer.from([type, 4 + fields.length, 0, type, ...fields]);
  return Buffer.concat([head, ...texts.map((text) => Buffer.from(`${text}\u0000`, 'latin1')), Buffer.of(0)]);
}

function record(type: number, bytes: Buffer, fields: Readonly<Record<string, string>>): string {
  const lines = Object.entries(fields).map(([name, value]) => `  <FIELD NAME="${name}" VALUE="${attribute(value)}"/>`);
  return [` <SMBIOS_RECORD TYPE="${type}" B64_DATA="${bytes.toString('base64')}">`, ...lines, ' </SMBIOS_RECORD>'].join('\n');
}
