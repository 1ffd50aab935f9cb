import { Secret } from '@ferric/core';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { comparable } from '../../test/support/comparable.js';
import { anyNewNode, newNode, newPort } from '../../test/store/random-nodes.js';
import { eventToRow } from './event-rows.js';
import { NODE_ROWS, type NodeRow } from './node-rows.js';
import type { StoredRow } from './record-rows.js';
import { PORTS } from './records/ports.js';
import type { NewNode, NodeUpdate } from './store.js';

const stored = (node: NewNode): NodeRow & StoredRow => ({ ...NODE_ROWS.create(node), id: 1, updated_at: null }) as unknown as NodeRow & StoredRow;
const secret = (): never => new Secret('swordfish') as never;

describe('a row of a node', () => {
  it('gives back every field of every node', () => {
    fc.assert(
      fc.property(anyNewNode, (node) => {
        expect(comparable(NODE_ROWS.read(stored(node), NODE_ROWS.fields))).toEqual(comparable({ ...node, id: 1, updatedAt: null }));
      }),
    );
  });

  it('holds secrets in its column for them and nowhere else', () => {
    const marker = 'planted-marker-7d1f';
    const plant = (value: string): NewNode =>
      newNode({
        driverInfo: { password: new Secret(value), list: [new Secret([value])] },
        instanceInfo: { configdrive: new Secret({ user_data: value }) },
        driverInternalInfo: { agent_secret_token: new Secret(value) },
      });
    const { secrets, ...others } = stored(plant(marker));
    expect(JSON.stringify(others)).not.toContain(marker);
    expect(secrets.split(marker)).toHaveLength(5);
  });

  it('is written in part by a change, which leaves the secrets of other documents alone', () => {
    fc.assert(
      fc.property(anyNewNode, anyNewNode, fc.subarray([...NODE_ROWS.fields]), (before, after, fields) => {
        const changes = Object.fromEntries(fields.map((field) => [field, (after as Record<string, unknown>)[field]])) as NodeUpdate;
        const row = stored(before);
        const changed = { ...row, ...NODE_ROWS.update(changes, JSON.parse(row.secrets) as Record<string, never>) };
        const { uuid, createdAt } = before;
        const expected = { ...before, ...changes, uuid, createdAt, id: 1, updatedAt: null };
        expect(comparable(NODE_ROWS.read(changed, NODE_ROWS.fields))).toEqual(comparable(expected));
      }),
    );
  });

  it.each([
    'properties', 'extra', 'networkData', 'interfaces', 'traits', 'cleanStep', 'deployStep', 'raidConfig', 'targetRaidConfig', 'work',
    'powerKnowledge',
  ] as const)('refuses a secret anywhere in %s', (field) => {
    for (const value of [secret(), { deep: [{ password: secret() }] } as never]) {
      const write = (): unknown => NODE_ROWS.create(newNode({ [field]: value }));
      expect(write).toThrow(expect.objectContaining({ code: 'INTERNAL', message: expect.not.stringContaining('swordfish') }) as Error);
    }
  });

  it.each(['name', 'lastError', 'description', 'maintenanceReason', 'owner', 'reservation'] as const)('refuses a secret as %s', (field) => {
    expect(() => NODE_ROWS.create(newNode({ [field]: secret() }))).toThrow(expect.objectContaining({ code: 'INTERNAL' }) as Error);
  });

  it.each(['a\0b', '\ud800', '\udc00x'])('refuses text that a database cannot keep: %j', (text) => {
    expect(() => NODE_ROWS.create(newNode({ description: text }))).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTIONS', message: expect.stringContaining('node/description') }) as Error,
    );
  });

  it('is read only as far as asked', () => {
    expect(NODE_ROWS.columns(['uuid', 'powerState'])).toEqual(['uuid', 'power_state']);
    expect(NODE_ROWS.columns(['driverInfo'])).toEqual(['driver_info', 'secrets']);
    expect(NODE_ROWS.read({ uuid: 'u', power_state: null }, ['uuid', 'powerState'])).toEqual({ uuid: 'u', powerState: null });
  });

  it('can be sorted by plain values and by nothing else', () => {
    const documents = ['driverInfo', 'driverInternalInfo', 'instanceInfo', 'properties', 'extra', 'networkData', 'interfaces', 'traits', 'cleanStep',
      'deployStep', 'raidConfig', 'targetRaidConfig', 'work', 'powerKnowledge'];
    expect(NODE_ROWS.fields.filter((field) => !NODE_ROWS.isSortField(field)).toSorted()).toEqual(documents.toSorted());
    expect(NODE_ROWS.isSortField('secrets')).toBe(false);
  });
});

describe('rows of ports and events', () => {
  it('give back a port', () => {
    const fields = { description: 'Uplink', localLinkConnection: { port_id: 'Gi1/0/1' }, isSmartnic: true };
    const port = newPort('8935bb8e-4228-4b3f-836a-5c88decd22b0', fields);
    const row: StoredRow = { ...PORTS.rows.create(port), updated_at: null };
    expect(PORTS.rows.read(row, PORTS.rows.fields)).toEqual({ ...port, updatedAt: null });
    expect(row['description_folded']).toBe('uplink');
  });

  it.each(['extra', 'internalInfo', 'localLinkConnection'] as const)('refuse a secret in %s of a port', (field) => {
    expect(() => PORTS.rows.create(newPort('n', { [field]: { key: secret() } }))).toThrow(expect.objectContaining({ code: 'INTERNAL' }) as Error);
  });

  it('refuse a secret in the details and the message of an event', () => {
    const event = {
      nodeUuid: 'n', uuid: 'u', at: new Date(0), type: 'node-updated', severity: 'INFO', message: 'm', details: {}, actor: 'a', conductor: 'c',
    } as const;
    expect(() => eventToRow({ ...event, details: { password: secret() } })).toThrow(expect.objectContaining({ code: 'INTERNAL' }) as Error);
    expect(() => eventToRow({ ...event, message: secret() })).toThrow(expect.objectContaining({ code: 'INTERNAL' }) as Error);
  });
});
