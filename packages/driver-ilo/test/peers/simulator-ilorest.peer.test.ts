import { writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { findFile, waitFor } from '@ferric/lab';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Generation, VirtualIlo } from '../../src/simulator/index.js';
import { Cannot, ROWS, type Row, type Target, TARGETS } from './ilorest-commands.js';
import { type Spoken, startIlorest } from './ilorest-shell.js';
import { startAt443 } from './simulator-bench.js';

// The command of the iLO's own maker drives the simulator. What it insists on is so on every iLO.

interface Result {
  readonly spoken: Spoken;
  readonly state: unknown;
}

const GENERATIONS: Readonly<Record<Target, Generation>> = { 'gen9 ris': 'gen9', 'gen9 redfish': 'gen9', gen10: 'gen10', gen11: 'gen11' };
const ROMS = { gen8: 'ilo4_278.bin', gen9: 'ilo4_278.bin', gen10: 'U30_2.50.signed.flash', gen11: 'U54_1.60.signed.flash' } as const;
const LIMIT_MS = 120_000;

/** The rows that a target gets, each with its place, since a command may come twice. */
const rowsOf = (target: Target): readonly (readonly [name: string, row: Row])[] =>
  ROWS.filter(({ comesTo }) => comesTo[target] !== undefined).map((row, index) => [`${index + 1} ${row.command}`, row]);

const isSettled = ({ machine: { power } }: VirtualIlo): true | undefined =>
  (['FinishedPost', 'PowerOff'] as string[]).includes(power.postState) && power.isOn === (power.postState !== 'PowerOff') ? true : undefined;

/** Says all to one iLO, in its order, and waits after each until the machine has done what it was told. */
async function converse(tool: string, target: Target): Promise<{ readonly results: ReadonlyMap<string, Result>; readonly home: string; readonly openSessions: number }> {
  const generation = GENERATIONS[target];
  const results = new Map<string, Result>();
  // The client cannot log out of an address with a port.
  await using ilo = await startAt443({ generation, name: `ilorest-${target}`, post: { heldForReads: 0 }, resetDurations: { startingMs: 0, leaveMs: 200 } });
  let home = '';
  {
    await using shell = await startIlorest(tool, target === 'gen9 redfish' ? ['--redfish'] : []);
    home = shell.home;
    const system = target === 'gen9 ris' ? '/rest/v1/Systems/1' : `/redfish/v1/Systems/1${generation === 'gen11' ? '' : '/'}`;
    await writeFile(join(home, 'light.json'), JSON.stringify({ [system]: { IndicatorLED: 'Lit' } }));
    const known: Readonly<Record<string, string>> = {
      host: ilo.host, password: ilo.password, home, rom: ROMS[generation], root: target === 'gen9 ris' ? '/rest/v1' : '/redfish/v1', end: system.endsWith('/') ? '/' : '',
    };
    await shell.say(`login https://${ilo.host} -u ${ilo.username} -p ${ilo.password}`);
    for (const [name, { command, state }] of rowsOf(target)) {
      const spoken = await shell.say(command.replaceAll(/\{(\w+)\}/g, (_whole, word: string) => known[word] ?? ''));
      await waitFor('the machine to settle', () => isSettled(ilo), { timeoutMs: 5000 });
      results.set(name, { spoken, state: state?.(ilo) });
    }
  }
  return { results, home, openSessions: ilo.activity.openSessions };
}

const conversations = new Map<Target, Awaited<ReturnType<typeof converse>>>();

beforeAll(async () => {
  const tool = findFile('ilorest', '/usr/bin/ilorest');
  const ends = await Promise.allSettled(TARGETS.map(async (target) => conversations.set(target, await converse(tool, target))));
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
}, LIMIT_MS);

describe.each(TARGETS)('%s', (target) => {
  test.each(rowsOf(target))('%s', (name, row) => {
    const result = conversations.get(target)?.results.get(name);
    const expected = row.comesTo[target];
    const isRefused = expected instanceof Cannot;
    expect(result?.spoken, isRefused ? `cannot, because ${expected.because}` : undefined).toEqual({
      code: isRefused ? expected.code : 0,
      text: expect.stringContaining(expected?.says ?? '') as unknown,
    });
    if (expected?.state !== undefined) expect(result?.state).toEqual(expected.state);
  });

  test('no session and no file is left', () => {
    const { home = '', openSessions } = conversations.get(target) ?? {};
    expect([openSessions, existsSync(home)]).toEqual([0, false]);
  });
});
