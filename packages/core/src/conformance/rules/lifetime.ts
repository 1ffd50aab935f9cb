import assert from 'node:assert/strict';
import { allCalls } from '../calls.js';
import { checkFerricError, describe, eventually, ferricErrorOf, outcomeOf, pause, settled, start, turns, valueOf } from '../outcome.js';
import type { Rule } from '../rule.js';
import { watchNetwork, watchResources } from '../watch.js';

/** A call that waits for a silent device would take this long. Milliseconds. */
const LONG_MS = 60_000;
/** How long the system may take to close what was disposed. Milliseconds. */
const CLOSING_MS = 1500;

export const LIFETIME_RULES: readonly Rule[] = [
  {
    id: 'dispose-twice',
    title: 'Disposing a device or a driver again does nothing, used or not',
    why: 'Owners clean up in more than one place, and a second time must not turn a success into a failure.',
    async check(context) {
      for (const used of [false, true]) {
        const { device, driver } = await context.bench();
        if (used) await valueOf('power.read', () => device.power.read(), context.limits.callMs);
        for (const [what, owner] of [['the device', device], ['the driver', driver]] as const) {
          for (const time of ['once', 'again', 'a third time']) {
            await valueOf(`Disposing ${what} ${time}${used ? '' : ', never used,'}`, async () => owner[Symbol.asyncDispose](), context.limits.callMs);
          }
        }
      }
    },
  },
  {
    id: 'dispose-ends-calls',
    title: 'Disposing a device ends the calls that are under way on it',
    why: 'A conductor that shuts down must not wait for a dead controller.',
    exempt: (facts) => (facts.faults.has('silence') ? undefined : 'the simulator cannot be silent'),
    async check(context) {
      for (const owner of ['device', 'driver'] as const) {
        const bench = await context.bench();
        bench.virtualDevice.faults.inject({ kind: 'silence' });
        const call = start('power.read', () => bench.device.power.read({ timeoutMs: LONG_MS }));
        await pause(20);
        await valueOf(`Disposing the ${owner} while a call is under way`, async () => bench[owner][Symbol.asyncDispose](), context.limits.callMs);
        const outcome = await settled(call, context.limits.graceMs);
        const what = `power.read under way while the ${owner} was disposed`;
        if (outcome.status === 'rejected') checkFerricError(what, outcome.reason, ['ABORTED', 'CONFLICT']);
        else assert.fail(`${what} ${outcome.status === 'pending' ? 'did not settle' : `succeeded with ${describe(outcome.value)}`}`);
      }
    },
  },
  {
    id: 'calls-after-dispose',
    title: 'A device that was disposed answers every call with ABORTED or CONFLICT and sends nothing',
    why: 'Otherwise it opens a connection again that nobody will ever close.',
    async check(context) {
      const { device, virtualDevice, machinePower } = await context.bench();
      await valueOf('power.read', () => device.power.read(), context.limits.callMs);
      await valueOf('dispose', async () => device[Symbol.asyncDispose](), context.limits.callMs);
      const before = virtualDevice.activity.changeCommands;
      const machine = await machinePower();
      await turns(5);
      using watch = watchNetwork();
      for (const call of allCalls(device)) {
        await ferricErrorOf(`${call.name} of a device that was disposed`, () => call.run(), ['ABORTED', 'CONFLICT'], context.limits.callMs);
      }
      await turns(5);
      assert.deepEqual(watch.seen, [], 'A device that was disposed reached out of the process');
      assert.equal(virtualDevice.activity.changeCommands, before, 'A device that was disposed changed the machine');
      assert.equal(await machinePower(), machine, 'A device that was disposed changed the machine');
    },
  },
  {
    id: 'nothing-left-open',
    title: 'No more connections than the pool may have outlive the device; no connection, socket, timer or handle outlives the driver',
    why: 'A leak of one handle a call ends a conductor after some weeks, and a tool that has done its work never exits.',
    async check(context) {
      const bench = await context.bench();
      using watch = watchResources();
      const pooled = context.subject.pooledConnections ?? 0;
      // One device more than the pool has room for: what leaks with each device shows as one too many.
      for (let round = 0; round <= pooled; round += 1) {
        const device = watch.run(() => bench.open());
        for (const call of allCalls(device)) await valueOf(call.name, () => watch.run(() => call.run()), context.limits.callMs);
        await valueOf('Disposing the device', async () => watch.run(() => device[Symbol.asyncDispose]()), context.limits.callMs);
      }
      const open = (): number => bench.virtualDevice.activity.openConnections;
      const closed = await eventually(() => open() <= pooled, CLOSING_MS);
      assert.ok(closed, `${open()} connections are open after the device was disposed; ${pooled} may be`);
      await valueOf('Disposing the driver', async () => watch.run(() => bench.driver[Symbol.asyncDispose]()), context.limits.callMs);
      assert.ok(await eventually(() => open() === 0, CLOSING_MS), `${open()} connections are open after the driver was disposed`);
      assert.ok(await eventually(() => watch.left().length === 0, CLOSING_MS), `After disposal these keep the process alive: ${watch.left().join(', ')}`);
    },
  },
  {
    id: 'driver-closes-devices',
    title: 'Disposing the driver closes everything that its devices hold',
    why: 'The driver owns the connections; whoever unloads it must not have to find every device first.',
    async check(context) {
      const bench = await context.bench();
      const { driver, virtualDevice } = bench;
      const devices = [bench.device, bench.open()];
      for (const device of devices) await valueOf('power.read', () => device.power.read(), context.limits.callMs);
      await valueOf('Disposing the driver', async () => driver[Symbol.asyncDispose](), context.limits.callMs);
      const open = (): number => virtualDevice.activity.openConnections;
      assert.ok(await eventually(() => open() === 0, CLOSING_MS), `${open()} connections are open after the driver was disposed`);
      for (const device of devices) {
        const outcome = await outcomeOf('power.read after the driver was disposed', () => device.power.read(), context.limits.callMs);
        if (outcome.status === 'rejected') checkFerricError('power.read after the driver was disposed', outcome.reason, ['ABORTED', 'CONFLICT']);
        else assert.fail(`power.read after the driver was disposed ${outcome.status === 'pending' ? 'did not settle' : 'succeeded'}`);
      }
    },
  },
];
