import { describe, expect, test } from 'vitest';
import { WRITTEN_GROUPS, WRITTEN_STATES, WRITTEN_VERBS } from '../../test/fixtures/provision-tables.js';
import * as groups from './groups.js';
import { STATE_MACHINE } from './machine.js';
import { PROVISION_EVENTS, PROVISION_STATES, toProvisionState } from './states.js';
import { PROVISION_VERBS, type ProvisionVerb } from './verbs.js';

const sorted = (items: Iterable<string>): string[] => [...items].toSorted();

describe('the machine is the one of the written table', () => {
  test('30 states, 93 transitions', () => {
    expect(WRITTEN_STATES.length).toBe(30);
    expect(WRITTEN_STATES.reduce((sum, state) => sum + state.events.size, 0)).toBe(93);
    expect(PROVISION_STATES).toHaveLength(30);
    expect(Object.values(STATE_MACHINE).reduce((sum, row) => sum + Object.keys(row.on).length, 0)).toBe(93);
  });

  test('the same states', () => {
    const written = sorted(WRITTEN_STATES.map((state) => state.name));
    expect(sorted(PROVISION_STATES)).toEqual(written);
    expect(sorted(Object.keys(STATE_MACHINE))).toEqual(written);
  });

  test.each(WRITTEN_STATES.map((state) => [state.name, state] as const))('%s: stable flag, target and events', (_name, written) => {
    const state = toProvisionState(written.name);
    if (state === undefined) return expect.fail(`${written.name} is no state`);
    const { stable, target, on } = STATE_MACHINE[state];
    expect({ stable, target: target ?? null, on }).toEqual({
      stable: written.stable,
      target: written.target,
      on: Object.fromEntries([...written.events].map(([event, { next }]) => [event, next])),
    });
  });

  test('the same events, and each is used', () => {
    expect(sorted(PROVISION_EVENTS)).toEqual(sorted(new Set(WRITTEN_STATES.flatMap((state) => [...state.events.keys()]))));
  });

  test('every state can be reached from enroll, and enroll or a stable state from every state', () => {
    const reach = (from: readonly string[]): Set<string> => {
      const seen = new Set(from);
      for (const name of seen) {
        for (const { next } of WRITTEN_STATES.find((state) => state.name === name)?.events.values() ?? []) seen.add(next);
      }
      return seen;
    };
    expect(reach(['enroll']).size).toBe(30);
    const stable = new Set(WRITTEN_STATES.filter((state) => state.stable).map((state) => state.name));
    expect(WRITTEN_STATES.filter((state) => ![...reach([state.name])].some((name) => stable.has(name)))).toEqual([]);
  });
});

describe('groups', () => {
  test.each([
    ['update allowed', groups.UPDATE_ALLOWED_STATES],
    ['delete allowed', groups.DELETE_ALLOWED_STATES],
    ['lookup allowed', groups.LOOKUP_ALLOWED_STATES],
    ['heartbeat acted on', groups.HEARTBEAT_WAIT_STATES],
    ['failed at conductor start', groups.WORKING_STATES],
    ['not power-synced', groups.POWER_SYNC_EXCLUDED_STATES],
    ['interfaces change', groups.INTERFACE_CHANGE_ALLOWED_STATES],
  ])('%s', (name, states) => {
    expect(sorted(states)).toEqual(sorted(WRITTEN_GROUPS.get(name) ?? []));
  });

  test('stable states are those of the table, and no work runs in them', () => {
    expect(sorted(groups.STABLE_STATES)).toEqual(sorted(WRITTEN_STATES.filter((state) => state.stable).map((state) => state.name)));
    expect([...groups.STABLE_STATES].filter((state) => groups.WORKING_STATES.has(state) || groups.HEARTBEAT_WAIT_STATES.has(state))).toEqual([]);
  });

  test('failed states are where a failure leads, unless it leads back to enroll', () => {
    const afterFailure = WRITTEN_STATES.flatMap((state) => state.events.get('fail')?.next ?? []).filter((state) => state !== 'enroll');
    expect(sorted(groups.FAILED_STATES)).toEqual(sorted(new Set(afterFailure)));
  });

  test('every state in which work runs can fail, and every state that waits for a heartbeat can resume', () => {
    expect([...groups.WORKING_STATES].filter((state) => STATE_MACHINE[state].on.fail === undefined)).toEqual([]);
    expect([...groups.HEARTBEAT_WAIT_STATES].filter((state) => STATE_MACHINE[state].on.resume === undefined)).toEqual([]);
  });
});

describe('verbs', () => {
  test('are those of the written table', () => {
    const ours = Object.entries(PROVISION_VERBS).map(([name, { event, since }]) => [name, { event, since }] as const);
    expect(Object.fromEntries(ours)).toEqual(Object.fromEntries(WRITTEN_VERBS));
  });

  test('start every event that the table marks so, and no other', () => {
    const marked = new Set(WRITTEN_STATES.flatMap((state) => [...state.events].filter(([, { byVerb }]) => byVerb).map(([event]) => event)));
    expect(sorted(new Set(Object.values(PROVISION_VERBS).map((verb) => verb.event)))).toEqual(sorted(marked));
  });

  test('abort is admitted later in two states', () => {
    expect(PROVISION_VERBS['abort']?.sinceIn).toEqual({ 'inspect wait': 41, 'wait call-back': 110 });
  });

  test('maintenance and protection refuse what they must', () => {
    const names = (refuses: (verb: ProvisionVerb) => boolean | undefined): string[] => Object.entries(PROVISION_VERBS).filter(([, verb]) => refuses(verb)).map(([name]) => name);
    expect(sorted(names((verb) => verb.refusedInMaintenance))).toEqual(sorted(['active', 'deploy', 'rebuild', 'clean', 'rescue', 'unrescue', 'service']));
    expect(sorted(names((verb) => verb.refusedWhenProtected))).toEqual(sorted(['rebuild', 'deleted', 'undeploy']));
  });

  test.each(['constructor', 'toString', '__proto__', 'hasOwnProperty'])('%s is none: the name comes from outside', (name) => {
    expect(PROVISION_VERBS[name]).toBeUndefined();
  });
});

test.each([['wait call-back', 'wait call-back'], ['available', 'available'], ['Available', undefined], ['deleted', undefined], ['', undefined], ['constructor', undefined]])(
  'toProvisionState(%j)',
  (text, state) => {
    expect(toProvisionState(text)).toBe(state);
  },
);
