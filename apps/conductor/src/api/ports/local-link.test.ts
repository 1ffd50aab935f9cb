import { describe, expect, test } from 'vitest';
import { checkSmartNic, localLinkConnection } from './local-link.js';

const check = (value: unknown, version = 82) => localLinkConnection.check('local_link_connection', value as never, { subject: 'port', operation: 'create', version });

describe('localLinkConnection', () => {
  test.each([
    [{}, {}],
    [{ switch_id: '0A-1B-2C-3D-4E-5F', port_id: 'Ethernet3/1', switch_info: 'sw1' }, { switch_id: '0a:1b:2c:3d:4e:5f', port_id: 'Ethernet3/1', switch_info: 'sw1' }],
    [{ switch_id: '00:00:0A:1B:2C:3D:4E:5F', port_id: '1' }, { switch_id: '00:00:0a:1b:2c:3d:4e:5f', port_id: '1' }],
    [{ port_id: 'rep0-0', hostname: 'h' }, { port_id: 'rep0-0', hostname: 'h' }],
    [{ network_type: 'unmanaged' }, { network_type: 'unmanaged' }],
  ])('accepts %j', (value, result) => {
    expect(check(value)).toEqual(result);
  });

  test.each([
    [{ switch_id: '0a:1b:2c:3d:4e:5f' }, 400, 'Schema error for local_link_connection: {...} is not valid under any of the given schemas'],
    [{ port_id: '1', switch_id: 5 }, 400, "Schema error for local_link_connection: {...} is not valid under any of the given schemas. Possible root cause: 'switch_id' is not accepted"],
    [{ port_id: '1', switch_id: '0a:1b:2c:3d:4e:5f', x: '1' }, 400, "Schema error for local_link_connection: {...} is not valid under any of the given schemas. Possible root cause: 'x' is not accepted"],
    [{ network_type: 'managed' }, 400, 'Schema error for local_link_connection: {...} is not valid under any of the given schemas'],
    [{ network_type: 'other' }, 400, 'Schema error for local_link_connection: {...} is not valid under any of the given schemas'],
    [{ port_id: '1', switch_id: 'zz' }, 400, 'Expected a MAC address or OpenFlow datapath ID but received zz.'],
    [[], 400, "Schema error for port: [...] is not of type 'object', 'null'"],
  ])('refuses %j', (value, status, message) => {
    expect(() => check(value)).toThrow(expect.objectContaining({ status, message }));
  });

  test('knows no network_type before 1.64', () => {
    expect(() => check({ network_type: 'unmanaged' }, 63)).toThrow(expect.objectContaining({ status: 406 }));
  });
});

test('a smart NIC must say its host and port', () => {
  expect(() => checkSmartNic({ port_id: 'rep0-0' })).toThrow('Smart NIC port must have port_id and hostname in local_link_connection');
  expect(() => checkSmartNic({ port_id: 'rep0-0', hostname: 'h' })).not.toThrow();
});
