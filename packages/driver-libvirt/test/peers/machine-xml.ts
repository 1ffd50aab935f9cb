import type { Hypervisor } from '@ferric/lab';

export interface MachineXmlOptions {
  readonly name: string;
  readonly uuid: string;
  readonly title?: string;
}

/** A machine without disk and network: it starts, and does nothing. */
export function machineXml(hypervisor: Hypervisor, { name, uuid, title = 'a machine' }: MachineXmlOptions): string {
  const kinds = {
    qemu: { architecture: 'x86_64', machine: ' machine="pc"', devices: '<controller type="usb" model="none"/><memballoon model="none"/>' },
    test: { architecture: 'i686', machine: '', devices: '' },
  } as const;
  const { architecture, machine, devices } = kinds[hypervisor];
  return [
    `<domain type="${hypervisor}"><name>${name}</name><uuid>${uuid}</uuid><title>${title}</title><memory unit="MiB">32</memory><vcpu>1</vcpu>`,
    `<os><type arch="${architecture}"${machine}>hvm</type></os><devices>${devices}</devices></domain>`,
  ].join('\n');
}
