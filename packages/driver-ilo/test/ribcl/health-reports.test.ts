import { FerricError } from '@ferric/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readEmbeddedHealth, readHealthSensors, readHealthSummary, readInventory, type RibclElement } from '../../src/client/ribcl/index.js';
import { resultOf } from '../../src/client/ribcl/match-reply.js';
import { parseReply } from '../../src/client/ribcl/wire/parse-reply.js';
import { gen8, gen8Json, reportOf } from './support/fixtures.js';

const AT = new Date('2026-01-01T00:00:00Z');
const STATUSES = ['ok', 'warning', 'critical', 'unknown'];

/** What other firmware may tell in the place of what was recorded. */
const words = fc.constantFrom(
  '', ' ', 'N/A', 'Not Installed', 'Unknown', 'Ok', 'Yes', 'No', '0', '-1', '1e9', '99999999999', '12.5', '16 GB', '0 MB', '279.37 GiB', 'x GB', '8 threads',
  '2 cores; 4 threads', 'many threads', '00:00:00:00:00:00', 'ff:ff:ff:ff:ff:ff', '40:a8:f0:1e:86:74', '100 Watts', '__proto__', 'Embedded',
);
const value = fc.oneof(words, fc.string({ maxLength: 20 }));
type Edit = { readonly kind: 'value'; readonly value: string } | { readonly kind: 'empty' | 'double' | 'childless' };
const edit: fc.Arbitrary<Edit> = fc.oneof(
  value.map((text): Edit => ({ kind: 'value', value: text })),
  fc.constantFrom('empty', 'double', 'childless').map((kind): Edit => ({ kind })),
);

/** How many elements there are, with the root. */
const count = (element: RibclElement): number => element.children.reduce((sum, child) => sum + count(child), 1);

/** The report with the edits made to the elements of these numbers, counted from the root on. */
function edited(report: RibclElement, edits: ReadonlyMap<number, Edit>): RibclElement {
  let number = -1;
  const walk = (element: RibclElement): readonly RibclElement[] => {
    number += 1;
    const own = edits.get(number);
    const children = element.children.flatMap(walk);
    if (own?.kind === 'value') return [{ ...element, children, attributes: new Map([...element.attributes.keys()].map((name) => [name, own.value])) }];
    if (own?.kind === 'empty') return [{ ...element, children, attributes: new Map() }];
    if (own?.kind === 'childless') return [{ ...element, children: [] }];
    return own?.kind === 'double' ? [{ ...element, children }, { ...element, children }] : [{ ...element, children }];
  };
  return walk(report)[0] ?? report;
}

describe.each([
  ['Gen8', reportOf(gen8Json('get_embedded_health_output'))],
  ['G7', resultOf(readEmbeddedHealth(), parseReply(gen8('get_host_health_data')))],
] as const)('a report of a %s server that differs from the recorded one', (_server, recorded) => {
  const edits = fc.uniqueArray(fc.tuple(fc.nat(count(recorded) - 1), edit), { selector: ([at]) => at, minLength: 1, maxLength: 60 });

  test('yields parts that can be, or PROTOCOL_FAULT', () => {
    fc.assert(fc.property(edits, (made) => {
      let inventory;
      try {
        inventory = readInventory(edited(recorded, new Map(made)));
      } catch (error) {
        expect(FerricError.is(error) && error.code).toBe('PROTOCOL_FAULT');
        return;
      }
      const { memoryMegabytes, cpus, localGigabytes, networkPorts, gpuDevices, firmware } = inventory;
      for (const number of [memoryMegabytes ?? 0, cpus ?? 0, localGigabytes, gpuDevices]) expect(Number.isSafeInteger(number) && number >= 0, String(number)).toBe(true);
      const addresses = networkPorts.map(({ macAddress }) => macAddress);
      for (const address of addresses) expect(address).toMatch(/^[0-9a-f]{2}(?::[0-9a-f]{2}){5}$/);
      expect(new Set(addresses).size).toBe(addresses.length);
      for (const [name, version] of Object.entries(firmware)) expect([name === '', typeof version]).toEqual([false, 'string']);
    }), { numRuns: 300 });
  });

  test('yields sensors with a name, a status and a value that can be told', () => {
    fc.assert(fc.property(edits, (made) => {
      const report = edited(recorded, new Map(made));
      for (const { name, kind, value: told, status, unit, thresholds } of readHealthSensors(report, AT)) {
        expect([name.trim(), kind.trim(), unit]).not.toContain('');
        expect(STATUSES).toContain(status);
        const numbers = [told, ...Object.values(thresholds ?? {})].filter((each) => typeof each === 'number');
        expect(numbers.every(Number.isFinite)).toBe(true);
      }
      for (const { name, status } of readHealthSummary(report)) expect([name === '', STATUSES.includes(status)]).toEqual([false, true]);
    }), { numRuns: 300 });
  });
});
