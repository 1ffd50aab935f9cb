import type { Controller } from './controller.js';
import type { WireReply } from './wire/reply.js';

// Source: HPE iLO scripting guide, "Obtaining the basic configuration"; python-hpilo, hpilo.py (xmldata).

const escape = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');

/** What an iLO tells everybody about its machine, by XML. @param item `all` or `cpqkey` */
export function answerXmlData({ machine }: Controller, item: string): WireReply {
  const headers = { 'Content-Type': 'text/xml', 'Cache-Control': 'no-cache' };
  const text = item.toLowerCase() === 'cpqkey' ? licence(machine.licence.kind === 'advanced') : overview(machine);
  return { status: 200, headers, body: Buffer.from(text, 'latin1') };
}

function overview({ identity, hardware, firmware }: Controller['machine']): string {
  const { iloNumber } = identity.facts;
  const ports = hardware.networkPorts.map(({ number, macAddress }) => `<NIC><PORT>${number}</PORT><MACADDR>${macAddress}</MACADDR></NIC>`);
  return [
    '<?xml version="1.0"?>',
    '<RIMP>',
    '<HSI>',
    `<SBSN>${escape(identity.serialNumber)}       </SBSN>`,
    // Names of products are filled up with blanks, as recorded.
    `<SPN>${escape(identity.productName)} </SPN>`,
    `<UUID>${escape(identity.facts.partNumber.slice(0, 6))}${escape(identity.serialNumber)}</UUID>`,
    '<SP>1</SP>',
    `<cUUID>${escape(identity.uuid)}</cUUID>`,
    '<VIRTUAL><STATE>Inactive</STATE><VID><BSN></BSN><cUUID></cUUID></VID></VIRTUAL>',
    `<PRODUCTID>${escape(identity.facts.partNumber)}      </PRODUCTID>`,
    `<NICS>${ports.join('')}</NICS>`,
    '</HSI>',
    '<MP>',
    '<ST>1</ST>',
    `<PN>Integrated Lights-Out ${iloNumber} (iLO ${iloNumber})</PN>`,
    `<FWRI>${escape(firmware.component('ilo')?.version ?? identity.firmwareVersion)}</FWRI>`,
    '<BBLK></BBLK>',
    '<HWRI>ASIC: 17</HWRI>',
    `<SN>ILO${escape(identity.serialNumber)}       </SN>`,
    `<UUID>ILO${escape(identity.facts.partNumber.slice(0, 6))}${escape(identity.serialNumber)}</UUID>`,
    '<IPM>1</IPM>',
    '<SSO>0</SSO>',
    '<PWRM>1.0.7</PWRM>',
    '<ERS>0</ERS>',
    '<EALERT>1</EALERT>',
    '</MP>',
    '<HEALTH><STATUS>2</STATUS></HEALTH>',
    '</RIMP>',
    '',
  ].join('\r\n');
}

function licence(isAdvanced: boolean): string {
  const name = isAdvanced ? 'iLO Advanced' : 'iLO Standard';
  const key = isAdvanced ? 'XXXXXXXXXXXXXXXXXXXXXXXXX' : '';
  return ['<?xml version="1.0"?>', '<PROLIANTKEY>', `<LNAME>${name}</LNAME>`, `<KEY>${key}</KEY>`, '</PROLIANTKEY>', ''].join('\r\n');
}
