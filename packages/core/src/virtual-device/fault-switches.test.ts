import { describe, expect, test } from 'vitest';
import { optionIssues } from '../errors/invalid-options.js';
import { createFaultSwitchboard } from './fault-switches.js';

describe('createFaultSwitchboard', () => {
  test('spoils every exchange until it is cleared', () => {
    const faults = createFaultSwitchboard(['silence', 'slow']);
    expect(faults.take()).toBeUndefined();
    faults.inject({ kind: 'slow', delayMs: 5 });
    expect([faults.take(), faults.take()]).toEqual([{ kind: 'slow', delayMs: 5 }, { kind: 'slow', delayMs: 5 }]);
    faults.clear();
    expect(faults.take()).toBeUndefined();
  });

  test('spoils as many exchanges as it is told', () => {
    const faults = createFaultSwitchboard(['silence']);
    faults.inject({ kind: 'silence', times: 2 });
    expect([faults.take()?.kind, faults.take()?.kind, faults.take()?.kind]).toEqual(['silence', 'silence', undefined]);
    faults.inject({ kind: 'silence', times: 1 });
    expect([faults.take()?.kind, faults.take()?.kind]).toEqual(['silence', undefined]);
  });

  test('a new fault replaces the one in force, with its own count', () => {
    const faults = createFaultSwitchboard(['silence', 'busy']);
    faults.inject({ kind: 'silence', times: 1 });
    faults.inject({ kind: 'busy' });
    expect([faults.take()?.kind, faults.take()?.kind]).toEqual(['busy', 'busy']);
  });

  test('refuses a kind that this protocol cannot show, and keeps the one in force', () => {
    const faults = createFaultSwitchboard(['silence']);
    faults.inject({ kind: 'silence' });
    try {
      faults.inject({ kind: 'garbage' });
      expect.fail('it took the fault');
    } catch (error) {
      expect(optionIssues(error)).toEqual([{ field: 'kind', problem: 'invalid', expected: 'one of silence', received: '"garbage"' }]);
    }
    expect([faults.take()?.kind, [...faults.supported]]).toEqual(['silence', ['silence']]);
  });
});
