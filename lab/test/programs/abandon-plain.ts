// Starts a guest without libvirt, says where it is, and never ends by itself.
import { startPlainGuest } from '../../src/network-boot/plain-guest.ts';

const guest = await startPlainGuest();
process.stdout.write(`${guest.uuid}\n`);
setInterval(() => undefined, 60_000);
