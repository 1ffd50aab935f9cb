import { FerricError, type PortgroupView, type PortView } from '@ferric/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { chooseVifPlace, findVif, TENANT_VIF, vifOf, type VifPlaces } from './vif-places.js';

const port = (uuid: string, more: Partial<PortView> & { readonly vif?: string } = {}): PortView => {
  const { vif, ...fields } = more;
  return {
    uuid, address: '52:54:00:00:00:01', pxeEnabled: true, localLinkConnection: {}, physicalNetwork: null, portgroupUuid: null, extra: {},
    internalInfo: vif === undefined ? {} : { [TENANT_VIF]: vif }, ...fields,
  };
};
const group = (uuid: string, more: Partial<PortgroupView> & { readonly vif?: string } = {}): PortgroupView => {
  const { vif, ...fields } = more;
  return {
    uuid, address: null, mode: 'active-backup', properties: {}, standalonePortsSupported: true, extra: {}, internalInfo: vif === undefined ? {} : { [TENANT_VIF]: vif }, ...fields,
  };
};

describe('chooseVifPlace', () => {
  test.each<readonly [string, VifPlaces, string]>([
    ['the oldest port among equals', { ports: [port('a'), port('b')], portgroups: [] }, 'a'],
    ['a port that the machine boots through before others', { ports: [port('a', { pxeEnabled: false }), port('b')], portgroups: [] }, 'b'],
    ['a port that the machine does not boot through when there is no other', { ports: [port('a', { pxeEnabled: false })], portgroups: [] }, 'a'],
    ['the next port when one has a VIF', { ports: [port('a', { vif: 'x' }), port('b', { pxeEnabled: false })], portgroups: [] }, 'b'],
    ['a port group before ports', { ports: [port('a'), port('b', { portgroupUuid: 'g' })], portgroups: [group('g')] }, 'g'],
    ['a port before a group without ports', { ports: [port('a')], portgroups: [group('g')] }, 'a'],
    ['a port before a group that has a VIF', { ports: [port('b', { portgroupUuid: 'g' }), port('a')], portgroups: [group('g', { vif: 'x' })] }, 'a'],
    [
      'a port of a group of which another one is used by itself',
      { ports: [port('b', { portgroupUuid: 'g', vif: 'x' }), port('c', { portgroupUuid: 'g' })], portgroups: [group('g')] }, 'c',
    ],
  ])('takes %s', (_case, places, uuid) => {
    expect(chooseVifPlace(places, { id: 'v' }).uuid).toBe(uuid);
  });

  test.each<readonly [string, VifPlaces, { readonly portUuid?: string; readonly portgroupUuid?: string }]>([
    ['there is no port', { ports: [], portgroups: [] }, {}],
    ['every port has a VIF', { ports: [port('a', { vif: 'x' })], portgroups: [] }, {}],
    ['a group has a VIF, for its ports', { ports: [port('a', { portgroupUuid: 'g' })], portgroups: [group('g', { vif: 'x' })] }, {}],
    [
      'the ports of a group cannot be used one by one',
      { ports: [port('a', { portgroupUuid: 'g', vif: 'x' }), port('b', { portgroupUuid: 'g' })], portgroups: [group('g', { standalonePortsSupported: false })] }, {},
    ],
    ['the named port has a VIF', { ports: [port('a', { vif: 'x' }), port('b')], portgroups: [] }, { portUuid: 'a' }],
    ['the named port is not there', { ports: [port('b')], portgroups: [] }, { portUuid: 'a' }],
    ['the named port is in a group that has a VIF', { ports: [port('a', { portgroupUuid: 'g' })], portgroups: [group('g', { vif: 'x' })] }, { portUuid: 'a' }],
    ['the named port is in a group that allows no single ports', { ports: [port('a', { portgroupUuid: 'g' })], portgroups: [group('g', { standalonePortsSupported: false })] }, { portUuid: 'a' }],
    ['the named group has no ports', { ports: [port('b')], portgroups: [group('g')] }, { portgroupUuid: 'g' }],
    ['a port of the named group has a VIF', { ports: [port('b', { portgroupUuid: 'g', vif: 'x' })], portgroups: [group('g')] }, { portgroupUuid: 'g' }],
    ['a port is named as a group', { ports: [port('b')], portgroups: [] }, { portgroupUuid: 'b' }],
  ])('refuses when %s', (_case, places, named) => {
    const choose = () => chooseVifPlace(places, { id: 'v', ...named });
    expect(choose).toThrow('Unable to attach VIF v, not enough free physical ports.');
    try {
      choose();
    } catch (error) {
      expect(FerricError.is(error) && error.code).toBe('INVALID_OPTIONS');
    }
  });

  test('takes the named place', () => {
    const places = { ports: [port('a'), port('b', { pxeEnabled: false }), port('c', { portgroupUuid: 'g' }), port('d', { portgroupUuid: 'h' })], portgroups: [group('g'), group('h')] };
    expect(chooseVifPlace(places, { id: 'v', portUuid: 'b' })).toEqual({ kind: 'port', uuid: 'b' });
    expect(chooseVifPlace(places, { id: 'v', portgroupUuid: 'h' })).toEqual({ kind: 'portgroup', uuid: 'h' });
    expect(chooseVifPlace(places, { id: 'v', portUuid: 'c' })).toEqual({ kind: 'port', uuid: 'c' });
  });

  test.each<readonly [string, VifPlaces]>([
    ['Port a', { ports: [port('a', { vif: 'v' }), port('b')], portgroups: [] }],
    ['Portgroup g', { ports: [port('b')], portgroups: [group('g', { vif: 'v' })] }],
  ])('refuses a VIF that is attached to %s, also when another place is named', (where, places) => {
    for (const named of [{}, { portUuid: 'b' }]) {
      expect(() => chooseVifPlace(places, { id: 'v', ...named })).toThrow(`Unable to attach VIF because VIF v is already attached to Ironic ${where}`);
    }
  });

  test('whatever the cabling, each place gets one VIF, no group shares with its ports, and every VIF is found again', () => {
    const cabling = fc.array(fc.record({ pxeEnabled: fc.boolean(), group: fc.constantFrom(null, 'g', 'h') }), { maxLength: 6 });
    fc.assert(
      fc.property(cabling, fc.boolean(), fc.boolean(), (cables, first, second) => {
        let places: VifPlaces = {
          ports: cables.map((cable, index) => port(`p${index}`, { pxeEnabled: cable.pxeEnabled, portgroupUuid: cable.group })),
          portgroups: [group('g', { standalonePortsSupported: first }), group('h', { standalonePortsSupported: second })],
        };
        const attached: string[] = [];
        for (let index = 0; index <= cables.length; index += 1) {
          const id = `v${index}`;
          let place;
          try {
            place = chooseVifPlace(places, { id });
          } catch {
            break;
          }
          const chosen = place;
          expect(attached).not.toContain(chosen.uuid);
          attached.push(chosen.uuid);
          const take = <T extends PortView | PortgroupView>(each: T): T => (each.uuid === chosen.uuid ? { ...each, internalInfo: { [TENANT_VIF]: id } } : each);
          places = { ports: places.ports.map(take), portgroups: places.portgroups.map(take) };
          expect(findVif(places, id)).toEqual(chosen);
        }
        for (const { uuid } of places.portgroups.filter((each) => vifOf(each) !== undefined)) {
          expect(places.ports.filter((each) => each.portgroupUuid === uuid && vifOf(each) !== undefined)).toEqual([]);
        }
        const alone = cables.filter((cable) => cable.group === null).length;
        const groups = new Set(cables.map((cable) => cable.group).filter((name) => name !== null)).size;
        expect(attached).toHaveLength(alone + groups);
      }),
    );
  });
});
