import { FerricError, TranscriptRecorder } from '@ferric/core';
import { describe, expect, test } from 'vitest';
import { parseDiscoveredLicence, parseDiscoveryData, readDiscoveredLicence, readDiscoveryData } from '../../src/client/discovery/index.js';
import { http, startIlo } from './support/ilo-server.js';

/** Made by hand after answers of an iLO 4. */
const ILO4 = `
<?xml version="1.0"?>
<RIMP>
<HSI>
<SBSN>CZ1234ABCD      </SBSN><SPN>ProLiant DL380p Gen8 </SPN><UUID>654197CZ1234ABCD</UUID><SP>1</SP>
<cUUID>31343536-3739-5A43-3132-333441424344</cUUID>
<VIRTUAL><STATE>Inactive</STATE><VID><BSN></BSN><cUUID></cUUID></VID></VIRTUAL>
<NICS>
<NIC><PORT>1</PORT><DESCRIPTION>iLO 4</DESCRIPTION><LOCATION>Embedded</LOCATION><MACADDR>9C:B6:52:B1:2A:62</MACADDR><IPADDR>192.0.2.19</IPADDR><STATUS>OK</STATUS></NIC>
<NIC><PORT>1</PORT><DESCRIPTION>HP Ethernet 1Gb 4-port 331FLR Adapter</DESCRIPTION><LOCATION>Embedded</LOCATION><MACADDR>9c:b6:52:b1:2a:70</MACADDR><IPADDR>Unknown</IPADDR><STATUS>Unknown</STATUS></NIC>
<NIC><PORT>2</PORT><MACADDR>N/A</MACADDR></NIC>
</NICS>
</HSI>
<MP><ST>1</ST><PN>Integrated Lights-Out 4 (iLO 4)</PN><FWRI>2.82</FWRI><HWRI>ASIC: 16</HWRI><SN>ILOCZ1234ABCD   </SN><UUID>ILO654197CZ1234ABCD</UUID></MP>
</RIMP>
`;
/** The same in the form of an iLO 3, which sends no declaration. */
const ILO3 = '<RIMP><HSI><SBSN>CZ1</SBSN><SPN>ProLiant BL460c G7</SPN><cUUID>37333036-3831-5A43-3332-303538304A33</cUUID></HSI><MP><PN>Integrated Lights-Out 3 (iLO 3)</PN><FWRI>1.82</FWRI></MP></RIMP>';
const KEY = 'ABCDE-12345-FGHIJ-67890-KLMNO';
const LICENCE = `<PROLIANTKEY><LNAME>iLO Advanced</LNAME><IDATE>Thu Nov 19 03:02:39 2015</IDATE><KEY>${KEY}</KEY></PROLIANTKEY>`;

const rejection = async (promise: Promise<unknown>): Promise<FerricError> =>
  promise.then(
    () => expect.fail('it was fulfilled'),
    (error: unknown) => (FerricError.is(error) ? error : expect.fail(String(error))),
  );

describe('discovery data', () => {
  test('of an iLO 4', () => {
    expect(parseDiscoveryData(ILO4)).toEqual({
      productName: 'ProLiant DL380p Gen8',
      serialNumber: 'CZ1234ABCD',
      uuid: '31343536-3739-5A43-3132-333441424344',
      controller: { name: 'Integrated Lights-Out 4 (iLO 4)', generation: 4, firmwareVersion: '2.82', serialNumber: 'ILOCZ1234ABCD', uuid: 'ILO654197CZ1234ABCD' },
      networkPorts: [
        { port: '1', description: 'iLO 4', location: 'Embedded', macAddress: '9c:b6:52:b1:2a:62', ipAddress: '192.0.2.19' },
        { port: '1', description: 'HP Ethernet 1Gb 4-port 331FLR Adapter', location: 'Embedded', macAddress: '9c:b6:52:b1:2a:70', ipAddress: null },
      ],
    });
  });

  test('of an iLO 3', () => {
    expect(parseDiscoveryData(ILO3)).toMatchObject({ productName: 'ProLiant BL460c G7', controller: { generation: 3, firmwareVersion: '1.82', serialNumber: null }, networkPorts: [] });
  });

  test.each([['Integrated Lights-Out 5 (iLO 5)', 5], ['Integrated Lights-Out 6', 6], ['Onboard Administrator', null], ['', null]])('the generation of "%s"', (name, generation) => {
    expect(parseDiscoveryData(`<RIMP><MP><PN>${name}</PN></MP></RIMP>`).controller.generation).toBe(generation);
  });

  test('the licence is a secret', () => {
    const licence = parseDiscoveredLicence(LICENCE);
    expect({ ...licence, key: licence.key?.reveal() }).toEqual({ name: 'iLO Advanced', key: KEY, installDate: 'Thu Nov 19 03:02:39 2015' });
    expect(JSON.stringify(licence)).not.toContain(KEY);
    expect(parseDiscoveredLicence('<PROLIANTKEY><LNAME>iLO Standard</LNAME><KEY/></PROLIANTKEY>')).toEqual({ name: 'iLO Standard', key: null, installDate: null });
  });

  test.each(['', 'hello', '<html/>', '<RIMP>', LICENCE])('anything else is a PROTOCOL_FAULT: %s', (text) => {
    expect(() => parseDiscoveryData(text)).toThrow(expect.objectContaining({ code: 'PROTOCOL_FAULT' }) as FerricError);
  });
});

describe('the question', () => {
  test('needs no login', async () => {
    await using ilo = await startIlo((received) => (received.line === 'GET /xmldata?item=all HTTP/1.1' ? http(ILO4) : http('', '404 Not Found')));
    const { host, port, tls } = ilo.settings();
    const settings = { host, ...(port === undefined ? {} : { port }), ...(tls === undefined ? {} : { tls }) };
    expect((await readDiscoveryData(settings)).productName).toBe('ProLiant DL380p Gen8');
    expect([...(ilo.requests[0]?.headers.keys() ?? [])].toSorted()).toEqual(['connection', 'host']);
  });

  test('for the licence shows it to nobody else', async () => {
    await using ilo = await startIlo((received) => (received.line.includes('item=CpqKey') ? http(LICENCE) : http('', '404 Not Found')));
    const transcript = new TranscriptRecorder();
    expect((await readDiscoveredLicence(ilo.settings({ transcript }))).key?.reveal()).toBe(KEY);
    expect(transcript.frames.map(({ direction, label }) => [direction, label])).toEqual([['out', '/xmldata?item=CpqKey'], ['in', 'answer to /xmldata?item=CpqKey']]);
    expect(JSON.stringify(transcript.frames)).not.toContain(KEY);
  });

  test.each([['404 Not Found', 'UNSUPPORTED'], ['403 Forbidden', 'UNSUPPORTED'], ['503 Service Unavailable', 'BUSY']])('answered with %s is %s', async (status, code) => {
    await using ilo = await startIlo(() => http('', status));
    expect(await rejection(readDiscoveryData(ilo.settings()))).toMatchObject({ code, details: { address: `127.0.0.1:${ilo.port}` } });
  });

  test('answered with something else, or not at all', async () => {
    await using ilo = await startIlo(() => http('<html/>'));
    expect(await rejection(readDiscoveryData(ilo.settings()))).toMatchObject({ code: 'PROTOCOL_FAULT', details: { address: `127.0.0.1:${ilo.port}` } });
    ilo.answerer = () => undefined;
    expect(await rejection(readDiscoveryData(ilo.settings(), { timeoutMs: 200 }))).toMatchObject({ code: 'TIMEOUT', details: { address: `127.0.0.1:${ilo.port}` } });
    expect(await rejection(readDiscoveryData({ host: '' }))).toMatchObject({ code: 'INVALID_OPTIONS' });
  });
});
