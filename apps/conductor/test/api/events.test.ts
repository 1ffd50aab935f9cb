import { describe, expect, test } from 'vitest';
import { createMachineApi } from '../support/machine-api.js';

const ADDRESS = '52:54:00:12:34:56';
const UUID = '11111111-aaaa-bbbb-cccc-555555555555';
/** The body of recorded exchange 142, for one of our ports. */
const EVENT = {
  event: 'network.bind_port', port_id: UUID, mac_address: ADDRESS, status: 'ACTIVE', device_id: UUID, 'binding:host_id': UUID, 'binding:vnic_type': 'baremetal',
};
const SHORT = { event: 'network.delete_port', port_id: UUID, mac_address: ADDRESS, status: 'DELETED' };

describe('POST /v1/events', () => {
  test('tells the nodes whose ports the events are about', async () => {
    await using api = await createMachineApi();
    const { node } = await api.addMachine({}, ADDRESS);
    const { node: other } = await api.addMachine({}, '52:54:00:12:34:57');
    const events = [{ ...EVENT, mac_address: '52-54-00-12-34-56' }, { ...SHORT, device_id: null }, { ...EVENT, mac_address: 'de:ad:ca:fe:ba:be' }];
    const answer = await api.request('POST', '/v1/events', { version: '1.54', body: { events } });
    expect([answer.status, answer.text]).toEqual([204, '']);
    expect((await api.events(node.uuid, 'network-event-received')).map(({ message, details }) => [message, details])).toEqual([
      [`Network event network.bind_port for ${ADDRESS}: ACTIVE`, EVENT],
      [`Network event network.delete_port for ${ADDRESS}: DELETED`, { ...SHORT, device_id: null, 'binding:host_id': null, 'binding:vnic_type': null }],
    ]);
    expect(await api.events(other.uuid, 'network-event-received')).toEqual([]);
    const logged = api.logger.at('debug').filter(({ message }) => message === 'Network event received');
    expect(logged.map(({ fields }) => fields['macAddress'])).toEqual([ADDRESS, ADDRESS, 'de:ad:ca:fe:ba:be']);
  });

  test('tells a node once of the address that its port and its port group share', async () => {
    await using api = await createMachineApi();
    const { node } = await api.addMachine({}, ADDRESS);
    const group = (address: string) => api.request('POST', '/v1/portgroups', { version: '1.82', body: { node_uuid: node.uuid, address } });
    expect([(await group(ADDRESS)).status, (await group('52:54:00:12:34:58')).status]).toEqual([201, 201]);
    const events = [SHORT, { ...SHORT, mac_address: '52:54:00:12:34:58' }];
    expect((await api.request('POST', '/v1/events', { version: '1.82', body: { events } })).status).toBe(204);
    expect((await api.events(node.uuid, 'network-event-received')).map(({ details }) => details['mac_address'])).toEqual([ADDRESS, '52:54:00:12:34:58']);
  });

  test.each<readonly [string, unknown, string]>([
    ['no events', {}, "Schema error for evts: 'events' is a required property"],
    ['a list', [], "Schema error for evts: [...] is not of type 'object'"],
    ['events that are no list', { events: SHORT }, "Schema error for evts: {...} is not of type 'array'"],
    ['an empty list', { events: [] }, 'Schema error for evts: [] is too short'],
    ['something besides', { events: [SHORT], more: 1 }, "Schema error for evts: Additional properties are not allowed ('more' was unexpected)"],
    ['an event that is no object', { events: ['x'] }, "Schema error for evts: 'x' is not of type 'object'"],
    ['an event without its name', { events: [{ ...SHORT, event: undefined }] }, "Schema error for evts: 'event' is a required property"],
    [
      'an unknown event', { events: [{ ...SHORT, event: 'network.fly' }] },
      "Schema error for evts: 'network.fly' is not one of ['network.bind_port', 'network.unbind_port', 'network.delete_port']",
    ],
    ['a missing member', { events: [{ ...SHORT, status: undefined }] }, "Schema error for evts: 'status' is a required property"],
    ['an unknown member', { events: [{ ...SHORT, colour: 'red' }] }, "Schema error for evts: Additional properties are not allowed ('colour' was unexpected)"],
    ['a status that is no text', { events: [{ ...SHORT, status: null }] }, "Schema error for evts: None is not of type 'string'"],
    ['a type that is no text', { events: [{ ...SHORT, 'binding:vnic_type': 7 }] }, "Schema error for evts: 7 is not of type 'string', 'null'"],
    ['a bad port', { events: [{ ...SHORT, port_id: 'eth0' }] }, 'Expected UUID for port_id: eth0'],
    ['a bad host', { events: [{ ...SHORT, 'binding:host_id': 'h' }] }, 'Expected UUID for binding:host_id: h'],
    ['a bad address', { events: [SHORT, { ...SHORT, mac_address: 'zz' }] }, 'Expected valid MAC address for mac_address: zz'],
  ])('%s is refused, and nothing is told', async (_case, body, text) => {
    await using api = await createMachineApi();
    const { node } = await api.addMachine({}, ADDRESS);
    const answer = await api.request('POST', '/v1/events', { version: '1.82', body });
    expect([answer.status, answer.error?.['faultstring']]).toEqual([400, text]);
    expect(await api.events(node.uuid, 'network-event-received')).toEqual([]);
  });

  test('refuses a text that is longer than what a history keeps', async () => {
    await using api = await createMachineApi();
    const answer = await api.request('POST', '/v1/events', { version: '1.82', body: { events: [{ ...SHORT, status: 'x'.repeat(256) }] } });
    expect([answer.status, String(answer.error?.['faultstring']).endsWith(' is too long')]).toEqual([400, true]);
  });

  test('is there from 1.54 on, and only for POST', async () => {
    await using api = await createMachineApi();
    expect((await api.request('POST', '/v1/events', { version: '1.53', body: { events: [SHORT] } })).status).toBe(404);
    expect((await api.request('GET', '/v1/events', { version: '1.54' })).status).toBe(405);
  });
});
