import { delay, FerricError, Secret } from '@ferric/core';
import { createFakeClock } from '@ferric/core/testing';
import { describe, expect, test } from 'vitest';
import { isDeclinedForNow, isUncertain } from '../../src/client/connection/outages.js';
import type { Perform } from '../../src/client/operations/perform.js';
import { createPower } from '../../src/client/power/power.js';
import type { RibclCommand } from '../../src/client/ribcl/index.js';
import { clientOf, failure, passTime, startBench } from './bench.js';
import { answer, answerOtherwise, meddle } from './meddle.js';

const NEXT = new Secret('an0ther-Passw0rd');

describe('of a power command', () => {
  test('an answer of a part of the controller that another part did not answer says nothing about what was done', () => {
    const lost = new FerricError('BUSY', 'did not answer in time', { details: { sent: true }, retryable: false });
    const declined = new FerricError('BUSY', 'in its self-test', { retryable: true });
    expect([isUncertain(lost), isDeclinedForNow(lost)]).toEqual([true, false]);
    expect([isUncertain(declined), isDeclinedForNow(declined)]).toEqual([false, true]);
  });

  test.each([502, 504])('gen10: a restart that was carried out and answered with %i is not sent again', async (status) => {
    const { ilo, client } = await startBench({ generation: 'gen10' });
    ilo.machine.power.put(true);
    await client.power.read();
    meddle(({ method, url }, response) => method === 'POST' && /Reset/.test(url ?? '') && answerOtherwise(response, status));
    expect(await client.power.set('rebooting')).toMatchObject({ status: 'done' });
    expect(ilo.activity.operations).toEqual({ 'reset server': 1 });
  });

  test('a blade that forgot the command is told again, and not once more when that answer gets lost', async () => {
    const clock = createFakeClock();
    const lost = new FerricError('UNREACHABLE', 'closed the connection without an answer', { details: { sent: true } });
    let commands = 0;
    const answers: Readonly<Record<string, () => unknown>> = {
      GET_HOST_POWER_STATUS: () => 'power off',
      GET_PRODUCT_NAME: () => 'ProLiant BL460c Gen8',
      SET_HOST_POWER: () => {
        commands += 1;
        if (commands > 1) throw lost;
      },
    };
    const call = {
      clock,
      signal: new AbortController().signal,
      pauses: { powerMs: 2000 },
      remainingMs: () => 60_000 - clock.monotonicMs(),
      run: async ({ request }: RibclCommand<unknown>) => answers[request.name]?.(),
      async watch(pauseMs: number, look: () => Promise<unknown>) {
        for (let looks = 0; looks < 30; looks += 1) {
          const found = await look();
          if (found !== undefined) return found;
          await clock.advance(pauseMs);
        }
        throw new FerricError('TIMEOUT', 'over');
      },
    };
    const perform = ((_operation, handlers) => handlers.ribcl?.(call as never)) as Perform;
    expect((await failure(createPower(perform, clock).set('power on'))).code).toBe('TIMEOUT');
    expect(commands).toBe(2);
  });
});

test('a command that is declined for a state that passes is said again, less and less often', async () => {
  const clock = createFakeClock();
  const saidAt: number[] = [];
  let isOn = false;
  const call = {
    clock,
    signal: new AbortController().signal,
    pauses: { powerMs: 2000 },
    remainingMs: () => 600_000 - clock.monotonicMs(),
    watch: (_pauseMs: number, look: () => Promise<unknown>) => look(),
    async run({ request }: RibclCommand<unknown>) {
      if (request.name !== 'SET_HOST_POWER') return isOn ? 'power on' : 'power off';
      saidAt.push(clock.monotonicMs());
      isOn = saidAt.length === 7;
      if (!isOn) throw new FerricError('CONFLICT', 'not in this state', { retryable: true });
      return undefined;
    },
  };
  const perform = ((_operation, handlers) => handlers.ribcl?.(call as never)) as Perform;
  expect(await passTime(clock, createPower(perform, clock).set('power on'))).toMatchObject({ status: 'done' });
  const pauses = saidAt.slice(1).map((at, index) => at - (saidAt[index] ?? 0));
  expect(pauses).toEqual([2000, 4000, 8000, 16_000, 30_000, 30_000]);
});

describe.each(['gen8', 'gen9', 'gen10'] as const)('%s: of a change of the password', (generation) => {
  test('when the iLO does not come back in time it is said that both may count', async () => {
    const clock = createFakeClock();
    const { ilo, client } = await startBench({ generation }, { clock });
    await client.power.read();
    const change = ilo.machine.accounts.changePassword.bind(ilo.machine.accounts);
    ilo.machine.accounts.changePassword = (...args) => {
      const outcome = change(...args);
      void ilo.unplug();
      return outcome;
    };
    const error = await passTime(clock, failure(client.accounts.changePassword(NEXT, { timeoutMs: 60_000 })));
    expect(error).toMatchObject({ code: 'TIMEOUT', retryable: false, details: { undecided: true } });
    expect(JSON.stringify(error)).not.toContain(NEXT.reveal());
    await ilo.plugIn();
    expect((await clientOf(ilo, { password: NEXT }).power.read()).state).toBe('power off');
  });

  test('what was over before it left is a plain error', async () => {
    const { ilo, client } = await startBench({ generation });
    await client.power.read();
    await ilo.unplug();
    const error = await failure(client.accounts.changePassword(NEXT, { timeoutMs: 400 }));
    expect(error.details['undecided']).toBeUndefined();
    expect(error.retryable).toBe(true);
  });

  test('the call that waits behind it goes with the new one', async () => {
    const { ilo, client } = await startBench({ generation });
    await client.power.read();
    const waiting: Promise<unknown>[] = [];
    const change = ilo.machine.accounts.changePassword.bind(ilo.machine.accounts);
    ilo.machine.accounts.changePassword = (...args) => {
      waiting.push(client.power.read(), client.power.read());
      return change(...args);
    };
    await client.accounts.changePassword(NEXT);
    expect(await Promise.all(waiting)).toMatchObject([{ state: 'power off' }, { state: 'power off' }]);
    expect(ilo.activity.operations).toEqual({ 'change password': 1 });
  });

  test('a call of somebody else goes on', async () => {
    const { ilo, client } = await startBench({ generation });
    ilo.machine.power.put(true);
    ilo.machine.power.ignoresButton = true;
    await client.power.read();
    const long = client.power.set('soft power off');
    const pressed = Promise.withResolvers<void>();
    using _watch = meddle(({ method, url }) => {
      if (ilo.activity.operations['press power button'] === 1 && (method === 'GET' || url === '/ribcl')) pressed.resolve();
      return false;
    });
    await pressed.promise;
    await client.accounts.changePassword(NEXT);
    ilo.machine.power.put(false);
    expect(await long).toMatchObject({ status: 'done', reading: { state: 'power off' } });
    await client[Symbol.asyncDispose]();
    expect(ilo.activity.openSessions).toBe(0);
  });
});

describe('of a restart of the iLO', () => {
  test.each(['gen8', 'gen10'] as const)('%s: a request that never arrived is no success', async (generation) => {
    const clock = createFakeClock();
    const { ilo, client } = await startBench({ generation }, { clock, pauses: { resetMs: 5000, retryMs: 1000 } });
    await passTime(clock, client.power.read());
    let dropped = 0;
    meddle(({ method, url, socket, headers }) => {
      // What resets an iLO over RIBCL is longer than the question whether it is there.
      const isReset = generation === 'gen8' ? method === 'POST' && url === '/ribcl' && dropped === 0 : /Manager\.Reset/.test(url ?? '');
      if (!isReset || headers === undefined) return false;
      dropped += 1;
      socket.destroy();
      return true;
    });
    const error = await passTime(clock, failure(client.controller.reset()));
    expect(error).toMatchObject({ code: 'UNREACHABLE', details: { sent: true } });
    expect([dropped, ilo.activity.operations]).toEqual([1, {}]);
  });

  test.each(['gen8', 'gen10'] as const)('%s: an answer that got lost is not missed when it restarts', async (generation) => {
    const { ilo, client } = await startBench({ generation });
    await client.power.read();
    meddle(({ method, url, socket }, response) => {
      if (method !== 'POST' || !/Manager\.Reset|ribcl/.test(url ?? '') || ilo.activity.changeCommands > 0) return false;
      response.writeHead = (() => socket.destroy()) as never;
      return false;
    });
    await client.controller.reset();
    expect(ilo.activity.operations).toEqual({ 'reset ilo': 1 });
  });
});

describe('of a firmware update of the iLO itself', () => {
  const url = new URL('http://192.0.2.1/ilo_299.bin');
  const content = Buffer.alloc(4096, 'firmware');
  const upload = { fileName: 'ilo4_282.bin', length: content.length, open: () => [content] };

  test('gen10: an update that never began is none because the network was away', async () => {
    const clock = createFakeClock();
    const { ilo, client } = await startBench({ generation: 'gen10', clock }, { clock });
    await passTime(clock, client.power.read());
    meddle((request, response) => {
      if (request.method !== 'POST' || !/SimpleUpdate/.test(request.url ?? '')) return false;
      response.once('finish', () => void ilo.unplug().then(() => delay(3000, { clock })).then(() => ilo.plugIn()));
      return answer(request, response, 200, '{}');
    });
    const states: string[] = [];
    const update = client.firmware.update({ component: 'ilo', url }, { timeoutMs: 60_000, onProgress: ({ state }) => states.push(state) });
    expect((await passTime(clock, failure(update))).code).toBe('TIMEOUT');
    expect(states.at(-1)).toBe('Idle');
  });

  test('gen10: the version that it has already is done when it has started anew, also when nobody saw it write', async () => {
    const { ilo, client } = await startBench({ generation: 'gen10' }, { pauses: { updateMs: 20, resetMs: 20 } });
    const before = (await client.firmware.read()).find(({ component }) => component === 'ilo')?.version;
    meddle((request, response) => {
      if (request.method !== 'POST' || !/SimpleUpdate/.test(request.url ?? '')) return false;
      response.once('finish', () => {
        resets += 1;
        ilo.reset();
      });
      return answer(request, response, 200, '{}');
    });
    const states: string[] = [];
    let resets = 0;
    await client.firmware.update({ component: 'ilo', url }, { timeoutMs: 30_000, onProgress: ({ state }) => states.push(state) });
    expect([resets, new Set(states)]).toEqual([1, new Set(['Idle'])]);
    expect((await client.firmware.read()).find(({ component }) => component === 'ilo')?.version).toBe(before);
  });

  test('gen8: it restarts before it has answered', async () => {
    const { ilo, client } = await startBench({ generation: 'gen8' });
    const update = ilo.machine.firmware.update.bind(ilo.machine.firmware);
    ilo.machine.firmware.update = (image) => {
      const outcome = update(image);
      void ilo.unplug().then(() => ilo.plugIn());
      return outcome;
    };
    await client.firmware.update({ component: 'ilo', url, upload });
    expect((await client.firmware.read()).find(({ component }) => component === 'ilo')?.version).toContain('2.82');
    expect(ilo.activity.operations).toEqual({ 'update firmware': 1 });
  });

  test('gen8: what was cut off before it was written is no success', async () => {
    const clock = createFakeClock();
    const { ilo, client } = await startBench({ generation: 'gen8' }, { clock, pauses: { resetMs: 5000, retryMs: 1000 } });
    ilo.machine.firmware.update = () => {
      void ilo.unplug().then(() => ilo.plugIn());
      return undefined;
    };
    const error = await passTime(clock, failure(client.firmware.update({ component: 'ilo', url, upload })));
    expect(error).toMatchObject({ code: 'UNREACHABLE', retryable: false });
  });
});
