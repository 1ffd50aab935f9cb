import { anyDriver, CONTRACT, type FerricPlugin, type HardwareType } from '@ferric/core';
import { createFakeDriver } from './fake-driver.js';
import { createFakeBoot } from './strategies/fake-boot.js';
import { createFakeDeploy } from './strategies/fake-deploy.js';
import { createFakeInspect } from './strategies/fake-inspect.js';
import { createFakeRescue } from './strategies/fake-rescue.js';
import { createFakeStorage } from './strategies/fake-storage.js';

/**
 * `fake-hardware` and what it supports, in order of preference.
 * Source: Ironic, ironic/drivers/fake_hardware.py, and a recorded answer of `GET /v1/drivers/fake-hardware`.
 */
const fakeHardware: HardwareType = {
  name: 'fake-hardware',
  description: 'A machine that does not exist, for trying things out and for tests',
  interfaces: {
    power: ['fake'],
    management: ['fake'],
    vendor: ['fake'],
    bios: ['fake'],
    console: ['fake'],
    raid: ['fake', 'agent'],
    boot: ['fake', 'ipxe', 'pxe'],
    deploy: ['fake', 'direct', 'ramdisk'],
    inspect: ['fake', 'agent'],
    rescue: ['fake', 'agent'],
    network: ['noop', 'flat'],
    storage: ['noop', 'fake'],
  },
};

/** What a conductor loads. */
export const plugin: FerricPlugin = {
  contract: CONTRACT,
  create(host) {
    const { clock, gates } = host;
    return {
      hardwareTypes: [fakeHardware],
      drivers: [anyDriver(createFakeDriver({ ...host, gate: (address) => gates.gate(address) }))],
      strategies: [createFakeBoot(clock), createFakeDeploy(clock), createFakeInspect(clock), createFakeRescue(clock), createFakeStorage(clock)],
    };
  },
};
