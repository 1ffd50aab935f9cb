import { describe, expect, test } from 'vitest';
import { createMachineApi, type MachineApi } from '../support/machine-api.js';

interface Traits {
  readonly api: MachineApi;
  readonly uuid: string;
  ask(method: string, below?: string, body?: unknown, version?: string): ReturnType<MachineApi['request']>;
  traits(): Promise<unknown>;
}

async function withNode(work: (traits: Traits) => Promise<void>): Promise<void> {
  await using api = await createMachineApi();
  const { node } = await api.addMachine();
  const ask: Traits['ask'] = (method, below = '', body, version = '1.82') =>
    api.request(method, `/v1/nodes/${node.uuid}/traits${below}`, { version, ...(body === undefined ? {} : { body }) });
  await work({ api, ask, uuid: node.uuid, traits: async () => ((await ask('GET')).body as { traits: unknown }).traits });
}

describe('/v1/nodes/{node}/traits', () => {
  // Recorded exchanges 066-071.
  test('are set, added and removed as recorded', () =>
    withNode(async ({ api, ask, traits, uuid }) => {
      const set = await ask('PUT', '', { traits: ['HW_CPU_X86_VMX', 'CUSTOM_A', 'CUSTOM_A'] });
      expect([set.status, set.text]).toEqual([204, '']);
      const added = await ask('PUT', '/CUSTOM_B');
      expect([added.status, added.text, added.headers['location']]).toEqual([204, '', `http://192.0.2.1:6385/v1/nodes/${uuid}/traits/CUSTOM_B`]);
      expect((await ask('GET')).text).toBe('{"traits":["CUSTOM_A","CUSTOM_B","HW_CPU_X86_VMX"]}');
      expect((await api.request('GET', `/v1/nodes/${uuid}?fields=traits`, { version: '1.82' })).body).toMatchObject({ traits: ['CUSTOM_A', 'CUSTOM_B', 'HW_CPU_X86_VMX'] });
      expect((await ask('DELETE', '/CUSTOM_B')).status).toBe(204);
      expect(await traits()).toEqual(['CUSTOM_A', 'HW_CPU_X86_VMX']);
      const missing = await ask('DELETE', '/CUSTOM_ZZ');
      expect([missing.status, missing.error?.['faultstring']]).toEqual([404, `Node ${uuid} doesn't have a trait 'CUSTOM_ZZ'`]);
      expect((await ask('DELETE')).status).toBe(204);
      expect(await traits()).toEqual([]);
    }));

  test.each([
    ['PUT', '/foo', undefined, "Schema error for trait: 'foo' is not valid under any of the given schemas. Possible root cause: 'foo' does not match '^CUSTOM_[A-Z0-9_]+$'"],
    ['PUT', '/CUSTOM_x', undefined, "Schema error for trait: 'CUSTOM_x' is not valid under any of the given schemas. Possible root cause: 'CUSTOM_x' does not match '^CUSTOM_[A-Z0-9_]+$'"],
    ['PUT', '', { traits: ['CUSTOM_A', 'foo'] }, "Schema error for body: 'foo' is not valid under any of the given schemas. Possible root cause: 'foo' does not match '^CUSTOM_[A-Z0-9_]+$'"],
    ['PUT', '', { traits: [1] }, "Schema error for body: 1 is not of type 'string'"],
    ['PUT', '', { traits: 'CUSTOM_A' }, "Schema error for body: 'CUSTOM_A' is not of type 'array'"],
    ['PUT', '', { traits: null }, "Schema error for body: None is not of type 'array'"],
    ['PUT', '', { traits: [], trait: 'x' }, "Schema error for body: Additional properties are not allowed ('trait' was unexpected)"],
    ['PUT', '', ['CUSTOM_A'], "Schema error for body: [...] is not of type 'object'"],
    ['PUT', '/CUSTOM_A', { x: 1 }, "Schema error for body: Additional properties are not allowed ('x' was unexpected)"],
  ])('%s %s with %j is refused', (method, below, body, text) =>
    withNode(async ({ ask, traits }) => {
      const answer = await ask(method, below, body);
      expect([answer.status, answer.error?.['faultstring']]).toEqual([400, text]);
      expect(await traits()).toEqual([]);
    }));

  test.each([['', undefined], ['', {}], ['/CUSTOM_A', { traits: ['CUSTOM_B'] }]])('PUT %s with %j is neither one trait nor all of them', (below, body) =>
    withNode(async ({ ask, traits }) => {
      const answer = await ask('PUT', below, body);
      expect(answer.status).toBe(400);
      expect(answer.error?.['faultstring']).toMatch(/^A single node trait may be added via PUT .* with no body, or all node traits may be replaced/);
      expect(await traits()).toEqual([]);
    }));

  test('are at most 50, all or nothing', () =>
    withNode(async ({ ask, traits, uuid }) => {
      const names = (count: number) => Array.from({ length: count }, (_each, index) => `CUSTOM_${String(index).padStart(2, '0')}`);
      const refusal = `Could not modify traits for node ${uuid} as it would exceed the maximum number of traits per node (51 vs. 50)`;
      expect((await ask('PUT', '', { traits: names(51) })).error?.['faultstring']).toBe(refusal);
      expect(await traits()).toEqual([]);
      expect((await ask('PUT', '', { traits: names(50) })).status).toBe(204);
      expect((await ask('PUT', '/CUSTOM_49')).status).toBe(204);
      const answer = await ask('PUT', '/CUSTOM_50');
      expect([answer.status, answer.error?.['faultstring']]).toEqual([400, refusal]);
      expect(await traits()).toEqual(names(50));
    }));

  test('are there from 1.37 on, for nodes that are there', () =>
    withNode(async ({ api, ask }) => {
      for (const [method, below, body] of [['GET', ''], ['PUT', '', { traits: [] }], ['DELETE', ''], ['PUT', '/CUSTOM_A'], ['DELETE', '/CUSTOM_A']] as const) {
        expect([method, below, (await ask(method, below, body, '1.36')).status]).toEqual([method, below, 404]);
        expect((await api.request(method, `/v1/nodes/nosuch/traits${below}`, { version: '1.82', ...(body === undefined ? {} : { body }) })).error?.['faultstring']).toBe('Node nosuch could not be found.');
      }
      expect((await ask('PUT', '/CUSTOM_A', undefined, '1.37')).status).toBe(204);
    }));

  test('cannot be changed while somebody works on the node', () =>
    withNode(async ({ api, ask, traits, uuid }) => {
      await using _lock = await api.context.locks.acquire(uuid);
      const asked = [ask('PUT', '/CUSTOM_A'), ask('PUT', '', { traits: ['CUSTOM_A'] }), ask('DELETE')];
      const answers = await Promise.all(asked);
      expect(answers.map(({ status, error }) => [status, error?.['faultstring']])).toEqual(
        asked.map(() => [409, `Node ${uuid} is locked by host test, please retry after the current operation is completed.`]),
      );
      expect(await traits()).toEqual([]);
    }));

  test('that are added at the same time are all there', () =>
    withNode(async ({ ask, traits }) => {
      const names = Array.from({ length: 40 }, (_each, index) => `CUSTOM_${String(index).padStart(2, '0')}`);
      const answers = await Promise.all(names.map((name) => ask('PUT', `/${name}`)));
      expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([204]));
      expect(await traits()).toEqual(names);
    }));

  test('are told in the history when they change, and only then', () =>
    withNode(async ({ api, ask, uuid }) => {
      await ask('PUT', '', { traits: ['CUSTOM_B', 'CUSTOM_A'] });
      await ask('PUT', '/CUSTOM_A');
      await ask('DELETE');
      await ask('DELETE');
      expect((await api.events(uuid, 'node-updated')).map(({ message, details }) => [message, details])).toEqual([
        ['Traits: CUSTOM_A, CUSTOM_B', { fields: ['traits'], traits: ['CUSTOM_A', 'CUSTOM_B'] }],
        ['Traits: none', { fields: ['traits'], traits: [] }],
      ]);
    }));
});
