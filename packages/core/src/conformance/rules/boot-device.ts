import assert from 'node:assert/strict';
import type { BootDeviceName } from '../../device/boot.js';
import type { Device } from '../../device/device.js';
import { FerricError } from '../../errors/ferric-error.js';
import type { Bench } from '../bench.js';
import { describe, ferricErrorOf, outcomeOf, valueOf } from '../outcome.js';
import type { Rule, RuleContext } from '../rule.js';

export const BOOT_DEVICE_RULE: Rule = {
  id: 'boot-device',
  title: 'A boot device that was set is read back, and the machine has it',
  why: 'A machine that boots from the wrong device installs itself again, or does not.',
  exempt: (facts) => (facts.capabilities.has('bootDevice') ? undefined : 'the devices have no boot device'),
  async check(context) {
    const bench = await context.bench();
    const { bootDevice } = bench.device;
    assert.ok(bootDevice !== undefined, 'The device has no boot device');
    for (const name of bootDevice.supported) {
      const accepted = [];
      for (const persistent of [true, false]) accepted.push(await checkBootDevice(context, bench, name, persistent));
      assert.ok(accepted.includes(true), `bootDevice.set(${name}) is supported, but refused both for the next boot and for good`);
    }
  },
};

/** A boot device that the hardware does not know is refused as UNSUPPORTED. */
export async function checkUnsupportedBootDevice(context: RuleContext, device: Device): Promise<void> {
  const { bootDevice } = device;
  if (bootDevice === undefined) return;
  for (const name of ['wanboot', 'safe', 'iscsiboot'] as const) {
    if (bootDevice.supported.has(name)) continue;
    await ferricErrorOf(`bootDevice.set(${name})`, () => bootDevice.set(name, { persistent: false }), ['UNSUPPORTED'], context.limits.callMs);
  }
}

/** @returns false when this combination is refused as UNSUPPORTED. */
async function checkBootDevice(context: RuleContext, bench: Bench, name: BootDeviceName, persistent: boolean): Promise<boolean> {
  const { bootDevice } = bench.device;
  assert.ok(bootDevice !== undefined);
  const what = `bootDevice.set(${name}, persistent: ${persistent})`;
  const outcome = await outcomeOf(what, () => bootDevice.set(name, { persistent }), context.limits.callMs);
  if (outcome.status === 'rejected' && FerricError.is(outcome.reason) && outcome.reason.code === 'UNSUPPORTED') return false;
  assert.ok(outcome.status === 'fulfilled', `${what}: ${describe(outcome.status === 'rejected' ? outcome.reason : 'it did not settle')}`);
  const setting = await valueOf('bootDevice.read', () => bootDevice.read(), context.limits.callMs);
  assert.ok(setting.device === name || setting.device === null, `After ${what} a reading says ${setting.device}`);
  assert.ok(setting.persistent === persistent || setting.persistent === null, `After ${what} a reading says persistent: ${setting.persistent}`);
  const machine = bench.virtualDevice.state.bootDevice;
  if (machine !== undefined) assert.equal(machine.device, name, `After ${what} the machine boots from ${machine.device}`);
  return true;
}
