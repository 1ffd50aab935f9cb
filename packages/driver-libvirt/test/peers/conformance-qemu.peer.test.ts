import { openWitness, startPeerVirtualDevice, startPrivateLibvirtd } from '@ferric/lab';
import { afterAll } from 'vitest';
import { SUBJECT, testDriverAt } from './conformance-subject.js';

// Real guests of QEMU, through a unix socket that asks for a password. A start takes 0.3 s and an end 0.2 s of a processor, and virsh is asked
// at once: many machines at the same time would make each other late.
const libvirtd = await startPrivateLibvirtd({ unixAuth: 'sasl' });
const witness = await openWitness(libvirtd, 'qemu');
afterAll(async () => {
  await witness[Symbol.asyncDispose]();
  await libvirtd[Symbol.asyncDispose]();
});

testDriverAt(libvirtd, 'staging-libvirt at real guests of QEMU', {
  ...SUBJECT,
  callTimeMs: 20_000,
  machinesAtOnce: 2,
  startVirtualDevice: (options) => startPeerVirtualDevice({ libvirtd, witness, ...options }),
});
