import assert from 'node:assert/strict';
import { OPTIONAL_CAPABILITIES } from '../../device/device.js';
import { BOOT_DEVICES, BOOT_MODES, VIRTUAL_MEDIA_TYPES } from '../../device/boot.js';
import { POWER_TARGETS } from '../../device/power.js';
import { STEP_INTERFACES, STEP_KINDS } from '../../device/step.js';
import type { VendorMethods } from '../../device/vendor.js';
import { CONTRACT } from '../../driver/driver.js';
import { INTERFACES } from '../../driver/interfaces.js';
import { createFakeHost } from '../../testing/fake-host.js';
import { pause } from '../outcome.js';
import type { Rule } from '../rule.js';
import { watchNetwork } from '../watch.js';
import { checkDescriptions } from '../schema-facts.js';

/** How long a device may take to betray itself by I/O that nobody asked for. Milliseconds. */
const IDLE_MS = 30;

export const CONTRACT_RULES: readonly Rule[] = [
  {
    id: 'contract-number',
    title: 'The driver names its contract and itself',
    why: 'A conductor refuses a driver of another contract by this number and finds the driver by its name.',
    async check(context) {
      const { driver } = await context.bench();
      assert.equal(driver.contract, CONTRACT, `driver.contract is ${String(driver.contract)}, this suite checks contract ${CONTRACT}`);
      assert.match(driver.name, /^[a-z0-9]+(-[a-z0-9]+)*$/, `The driver's name ${JSON.stringify(driver.name)} is not made of lower-case words joined by hyphens`);
    },
  },
  {
    id: 'plugin-facts',
    title: 'The plugin brings the driver and the hardware types that name it',
    why: 'A conductor composes hardware types from names; one that leads nowhere shows up only when a node cannot be used.',
    exempt: (facts) => (facts.hasPlugin ? undefined : 'the subject names no plugin'),
    async check(context) {
      const { plugin } = context.subject;
      assert.ok(plugin !== undefined);
      assert.equal(plugin.contract, CONTRACT, `plugin.contract is ${String(plugin.contract)}`);
      const { virtualDevice, driver } = await context.bench();
      using watch = watchNetwork();
      const { hardwareTypes, drivers } = plugin.create(createFakeHost());
      assert.deepEqual(watch.seen, [], 'plugin.create() reached out of the process');
      const names = drivers.map((each) => each.name);
      assert.ok(names.includes(driver.name), `The plugin brings ${names.join(', ') || 'no driver'}, but not ${driver.name}`);
      const known = hardwareTypes.flatMap((type) => [type.name, ...(type.aliases ?? []).map((alias) => alias.name)]);
      assert.ok(known.includes(virtualDevice.hardwareType), `The simulator is a ${virtualDevice.hardwareType}, which the plugin does not bring`);
      for (const type of hardwareTypes) {
        assert.ok(type.description.trim() !== '', `The hardware type ${type.name} has no description`);
        const foreign = Object.keys(type.interfaces).filter((name) => !(INTERFACES as readonly string[]).includes(name));
        assert.deepEqual(foreign, [], `The hardware type ${type.name} names interfaces that do not exist`);
        assert.ok((type.interfaces.power ?? []).length > 0, `The hardware type ${type.name} supports no power interface`);
      }
      for (const each of drivers) await each[Symbol.asyncDispose]();
    },
  },
  {
    id: 'open-without-io',
    title: 'Making a driver and opening a device reach nothing',
    why: 'A conductor opens thousands of devices at its start; a dead one must not hold it up.',
    async check(context) {
      using watch = watchNetwork();
      let begun = 0;
      const { virtualDevice, host } = await context.bench(() => (begun = watch.seen.length));
      await pause(IDLE_MS);
      assert.deepEqual(watch.seen.slice(begun), [], 'open() reached out of the process');
      assert.equal(virtualDevice.activity.openConnections, 0, 'open() connected to the controller');
      assert.equal(virtualDevice.activity.authenticationAttempts, 0, 'open() logged in to the controller');
      assert.equal(virtualDevice.activity.changeCommands, 0, 'open() changed the machine');
      assert.deepEqual(host.transcript.frames.map((frame) => frame.label), [], 'open() exchanged frames');
    },
  },
  {
    id: 'facts-without-io',
    title: 'What the hardware can do is known without asking it',
    why: 'Pages and API list what a node can do also while its controller is away.',
    async check(context) {
      const { device } = await context.bench();
      using watch = watchNetwork();
      const { power, bootDevice, bootMode, virtualMedia } = device;
      checkSet('power.targets', power.targets, POWER_TARGETS);
      if (bootDevice !== undefined) checkSet('bootDevice.supported', bootDevice.supported, BOOT_DEVICES);
      if (bootMode !== undefined) checkSet('bootMode.supported', bootMode.supported, BOOT_MODES);
      if (virtualMedia !== undefined) checkSet('virtualMedia.supported', virtualMedia.supported, VIRTUAL_MEDIA_TYPES);
      assert.ok(Object.keys(device.vendor?.methods ?? { none: 1 }).length > 0, 'vendor is there, but it has no methods');
      assert.ok(device.steps === undefined || Array.isArray(device.steps), 'steps is no list');
      await pause(IDLE_MS);
      assert.deepEqual(watch.seen, [], 'Asking what the device can do reached out of the process');
    },
  },
  {
    id: 'capabilities',
    title: 'The promised capabilities are there, and no other',
    why: 'An absent capability is how a driver says that the hardware cannot; one that throws "not implemented" is offered to users and fails.',
    async check(context) {
      const { device } = await context.bench();
      const present = OPTIONAL_CAPABILITIES.filter((name) => device[name] !== undefined);
      const promised = context.subject.capabilities;
      assert.deepEqual(promised.filter((name) => !present.includes(name)), [], 'These capabilities are promised, but the device does not have them');
      assert.deepEqual(present.filter((name) => !promised.includes(name)), [], 'The device has these capabilities, but they are not promised');
      assert.ok(device.power !== undefined, 'The device has no power');
    },
  },
  {
    id: 'vendor-methods',
    title: 'Every vendor method tells what it is, how it is called and what it takes',
    why: 'Clients read this before they call; a method without it can only be guessed at.',
    exempt: (facts) => (facts.hasVendorMethods ? undefined : 'the driver has no vendor methods'),
    async check(context) {
      const { driver, device } = await context.bench();
      checkVendorMethods('device', device.vendor);
      checkVendorMethods('driver', driver.vendor);
    },
  },
  {
    id: 'steps',
    title: 'Every step has a kind, an interface, a name, a priority and described arguments',
    why: 'Cleaning and deploying order steps by these facts and show them to people.',
    exempt: (facts) => (facts.capabilities.has('steps') ? undefined : 'the devices have no steps'),
    async check(context) {
      const { device } = await context.bench();
      const seen = new Set<string>();
      for (const step of device.steps ?? []) {
        const name = `${step.kind} step ${step.interface}.${step.name}`;
        assert.ok((STEP_KINDS as readonly string[]).includes(step.kind), `The ${name} is of no known kind`);
        assert.ok((STEP_INTERFACES as readonly string[]).includes(step.interface), `The ${name} belongs to no interface that owns steps`);
        assert.match(step.name, /^[a-z][a-z0-9_]*$/, `The name of the ${name} is not made of lower-case words joined by underscores`);
        assert.ok(Number.isSafeInteger(step.priority) && step.priority >= 0, `The ${name} has the priority ${step.priority}`);
        assert.ok(!seen.has(name), `The ${name} is there twice`);
        seen.add(name);
        for (const [argument, { description }] of Object.entries(step.arguments)) {
          assert.ok(description.trim() !== '', `The argument ${argument} of the ${name} has no description`);
        }
      }
    },
  },
];

function checkSet(name: string, set: ReadonlySet<string>, known: readonly string[]): void {
  assert.ok(typeof set?.has === 'function' && set.size > 0, `${name} is no set, or it is empty`);
  assert.deepEqual([...set].filter((item) => !known.includes(item)), [], `${name} holds names that the contract does not know`);
}

function checkVendorMethods(owner: string, vendor: VendorMethods | undefined): void {
  for (const [name, method] of Object.entries(vendor?.methods ?? {})) {
    const what = `The vendor method ${name} of the ${owner}`;
    assert.ok(method.description.trim() !== '', `${what} has no description`);
    assert.ok(method.httpMethods.length > 0, `${what} answers to no HTTP method`);
    checkDescriptions(`An argument of the vendor method ${name}`, method.arguments);
  }
}
