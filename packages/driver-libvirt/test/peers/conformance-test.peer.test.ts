import { openWitness, startPeerVirtualDevice, startPrivateLibvirtd } from '@ferric/lab';
import { afterAll } from 'vitest';
import { SUBJECT, testDriverAt } from './conformance-subject.js';

// Machines of the test driver of a real daemon, through a unix socket that asks for a password.
const libvirtd = await startPrivateLibvirtd({ unixAuth: 'sasl' });
const witness = await openWitness(libvirtd, 'test');
afterAll(async () => {
  await witness[Symbol.asyncDispose]();
  await libvirtd[Symbol.asyncDispose]();
});

testDriverAt(libvirtd, 'staging-libvirt at the test driver of a real daemon', {
  ...SUBJECT,
  startVirtualDevice: (options) => startPeerVirtualDevice({ libvirtd, witness, ...options }),
});
