import { findFile } from '../system/tools.ts';

/** Port on which a deploy agent listens in the guest. */
const AGENT_PORT = 9999;
/** What the DHCP header has room for. Source: RFC 2131, section 2, field file. */
const BOOT_URL_LIMIT = 127;

export interface UserNetworkOptions {
  readonly bootUrl?: string | undefined;
  readonly agentPort?: number | undefined;
}

/** Options of QEMU's own network, as its JSON syntax has them. Needs no rights, and nobody else is in it. Fails when iPXE is not installed. */
export function userNetwork({ bootUrl, agentPort }: UserNetworkOptions): Readonly<Record<string, unknown>> {
  if (bootUrl !== undefined) {
    findFile('ipxe-qemu', '/usr/lib/ipxe/qemu/efi-virtio.rom');
    if (bootUrl.length > BOOT_URL_LIMIT) throw new Error(`The boot URL has ${bootUrl.length} characters; ${BOOT_URL_LIMIT} fit: ${bootUrl}`);
  }
  return {
    ...(bootUrl === undefined ? {} : { bootfile: bootUrl }),
    ...(agentPort === undefined ? {} : { hostfwd: [{ str: `tcp:127.0.0.1:${agentPort}-:${AGENT_PORT}` }] }),
  };
}
