import { createLibvirtClient } from '@ferric/driver-libvirt/client';

/** Defines machines that are never started, by number, and yields their uuids. */
export async function defineDomains(uri: string, count: number, prefix = 'bench'): Promise<readonly string[]> {
  await using client = createLibvirtClient({ uri });
  const uuids: string[] = [];
  for (let number = 0; number < count; number += 1) {
    const { uuid } = await client.domains.define(describeDomain(`${prefix}-${number}`, number));
    uuids.push(uuid);
  }
  return uuids;
}

function macOf(number: number): string {
  const hex = number.toString(16).padStart(4, '0');
  return `52:54:00:be:${hex.slice(0, 2)}:${hex.slice(2)}`;
}

function describeDomain(name: string, number: number): string {
  return `<domain type='qemu'><name>${name}</name><memory unit='MiB'>32</memory><os><type>hvm</type></os>
    <devices><interface type='user'><mac address='${macOf(number)}'/></interface></devices></domain>`;
}
