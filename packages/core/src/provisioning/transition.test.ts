import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { WRITTEN_STATES } from '../../test/fixtures/provision-tables.js';
import { PROVISION_EVENTS, PROVISION_STATES, type ProvisionEvent, type ProvisionState } from './states.js';
import { nextState, type ProvisionPosition, transition } from './transition.js';

const ENROLLED: ProvisionPosition = { state: 'enroll', target: null };

function walk(...events: readonly ProvisionEvent[]): readonly ProvisionPosition[] {
  const positions: ProvisionPosition[] = [];
  let position: ProvisionPosition = ENROLLED;
  for (const event of events) {
    position = transition(position, event) ?? expect.fail(`${position.state} does not know ${event}`);
    positions.push(position);
  }
  return positions;
}

const path = (...events: readonly ProvisionEvent[]): string[] => walk(...events).map(({ state, target }) => (target === null ? state : `${state} to ${target}`));

describe('the life of a node', () => {
  test('from enroll to active, through automated cleaning', () => {
    expect(path('manage', 'done', 'provide', 'wait', 'resume', 'done', 'deploy', 'wait', 'resume', 'done')).toEqual([
      'verifying to manageable', 'manageable', 'cleaning to available', 'clean wait to available', 'cleaning to available', 'available',
      'deploying to active', 'wait call-back to active', 'deploying to active', 'active',
    ]);
  });

  test('manual cleaning leads back to manageable, through waiting, holding and failing', () => {
    expect(path('manage', 'done', 'clean', 'wait', 'hold', 'unhold', 'resume', 'manage')).toEqual([
      'verifying to manageable', 'manageable', 'cleaning to manageable', 'clean wait to manageable', 'clean hold to manageable',
      'clean wait to manageable', 'cleaning to manageable', 'manageable',
    ]);
    expect(path('manage', 'done', 'clean', 'wait', 'abort', 'manage').slice(2)).toEqual([
      'cleaning to manageable', 'clean wait to manageable', 'clean failed to manageable', 'manageable',
    ]);
  });

  test('cleaning after manual cleaning is automated again', () => {
    expect(path('manage', 'done', 'clean', 'manage', 'provide', 'wait').slice(-2)).toEqual(['cleaning to available', 'clean wait to available']);
  });

  test('undeploying ends in available, a failed tear-down in error', () => {
    const toActive = ['manage', 'done', 'provide', 'done', 'deploy', 'done'] as const;
    expect(path(...toActive, 'delete', 'clean', 'done').slice(-3)).toEqual(['deleting to available', 'cleaning to available', 'available']);
    expect(path(...toActive, 'delete', 'fail', 'rebuild').slice(-2)).toEqual(['error', 'deploying to active']);
  });

  test('rescuing and back', () => {
    expect(path('manage', 'done', 'provide', 'done', 'deploy', 'done', 'rescue', 'wait', 'resume', 'done', 'unrescue', 'done').slice(-6)).toEqual([
      'rescuing to rescue', 'rescue wait to rescue', 'rescuing to rescue', 'rescue', 'unrescuing to active', 'active',
    ]);
  });

  test('a given target replaces the default, until the node arrives', () => {
    expect(transition({ state: 'cleaning', target: 'available' }, 'wait', 'manageable')).toEqual({ state: 'clean wait', target: 'manageable' });
    expect(transition({ state: 'cleaning', target: 'manageable' }, 'manage', 'manageable')).toEqual({ state: 'manageable', target: null });
    expect(transition({ state: 'inspecting', target: 'manageable' }, 'fail', 'inspect failed')).toEqual({ state: 'inspect failed', target: null });
  });
});

describe('properties', () => {
  const written = new Map(WRITTEN_STATES.map((state) => [state.name, state]));
  const CLEANING: ReadonlySet<string> = new Set(['cleaning', 'clean wait', 'clean hold', 'clean failed']);
  const event = fc.constantFrom(...PROVISION_EVENTS);

  test('an event leads where the written table says; one outside the row leads nowhere', () => {
    const targets = fc.option(fc.constantFrom(...PROVISION_STATES), { nil: null });
    fc.assert(
      fc.property(fc.constantFrom(...PROVISION_STATES), targets, event, (state, target, happened) => {
        const next = written.get(state)?.events.get(happened)?.next;
        expect(nextState(state, happened)).toBe(next);
        expect(transition({ state, target }, happened)?.state).toBe(next);
      }),
      { numRuns: 2000 },
    );
  });

  test('on every walk: no target when nothing runs, else the default one, but for manual cleaning', () => {
    fc.assert(
      // Picks among the events of the row, so that walks get far; `detour` tries any event at all in between.
      fc.property(fc.array(fc.record({ pick: fc.nat(), detour: event }), { maxLength: 60 }), (steps) => {
        let position: ProvisionPosition = ENROLLED;
        let manual = false;
        for (const { pick, detour } of steps) {
          const row = written.get(position.state) ?? expect.fail(`${position.state} is not in the table`);
          if (!row.events.has(detour)) expect(transition(position, detour)).toBeUndefined();
          const happened = [...row.events.keys()][pick % row.events.size] as ProvisionEvent;
          const before: ProvisionPosition = position;
          position = transition(position, happened) ?? expect.fail(`${before.state} does not know ${happened}`);
          manual = (before.state === 'manageable' && happened === 'clean') || (manual && CLEANING.has(before.state) && CLEANING.has(position.state));
          const arrived = written.get(position.state) ?? expect.fail(`${position.state} is not in the table`);
          const expected = arrived.stable ? null : manual ? 'manageable' : arrived.target;
          expect([before.state, happened, position.state, position.target]).toEqual([before.state, happened, arrived.name, expected]);
          expect(position.target).not.toBe(position.state);
        }
      }),
      { numRuns: 500 },
    );
  });

  test('is pure: the same position and event give the same result and change nothing', () => {
    fc.assert(
      fc.property(fc.constantFrom(...PROVISION_STATES), event, (state: ProvisionState, happened) => {
        const position = Object.freeze({ state, target: null });
        expect(transition(position, happened)).toEqual(transition(position, happened));
      }),
    );
  });
});
