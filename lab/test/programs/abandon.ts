// Starts a daemon with a guest, says where they are, and never ends by itself.
import { defineGuest } from '../../src/guest/guest.ts';
import { startPrivateLibvirtd } from '../../src/libvirtd/private-libvirtd.ts';

const libvirtd = await startPrivateLibvirtd();
const guest = await defineGuest(libvirtd);
await libvirtd.virsh('start', guest.name);
process.stdout.write(`${JSON.stringify({ directory: libvirtd.directory, domain: guest.name, pid: libvirtd.pid })}\n`);
setInterval(() => undefined, 60_000);
