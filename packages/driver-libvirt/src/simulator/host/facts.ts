// What the simulated host says of itself. It plays libvirt 9.0.0 with QEMU 7.2.22 on a PC of two processors.

export const HYPERVISOR_TYPE = 'QEMU';
/** major * 10^6 + minor * 10^3 + release. */
export const HYPERVISOR_VERSION = 7_002_022n;
export const LIBRARY_VERSION = 9_000_000n;
export const MOST_PROCESSORS = 255;
export const EMULATOR = '/usr/bin/qemu-system-x86_64';
const MACHINE = 'pc-q35-7.2';
const UEFI_LOADER = '/usr/share/OVMF/OVMF_CODE_4M.ms.fd';

/** Source of the fields: libvirt 9.0.0, src/remote/remote_protocol.x, remote_node_get_info_ret. */
export const NODE = {
  model: 'x86_64',
  memoryKibibytes: 16_777_216n,
  freeMemoryBytes: 12n * 1024n ** 3n,
  processors: 2,
  megahertz: 2600,
  cells: 1,
  sockets: 1,
  cores: 2,
  threads: 1,
} as const;

/** Source of the form: libvirt 9.0.0, docs/formatcaps.rst. */
export function capabilitiesXml(hostUuid: string): string {
  return `<capabilities>

  <host>
    <uuid>${hostUuid}</uuid>
    <cpu>
      <arch>x86_64</arch>
      <model>qemu64</model>
      <topology sockets='1' dies='1' cores='2' threads='1'/>
    </cpu>
    <migration_features>
      <live/>
    </migration_features>
    <topology>
      <cells num='1'>
        <cell id='0'>
          <memory unit='KiB'>${NODE.memoryKibibytes}</memory>
          <cpus num='2'>
            <cpu id='0' socket_id='0' die_id='0' core_id='0' siblings='0'/>
            <cpu id='1' socket_id='0' die_id='0' core_id='1' siblings='1'/>
          </cpus>
        </cell>
      </cells>
    </topology>
    <secmodel>
      <model>none</model>
      <doi>0</doi>
    </secmodel>
  </host>

  <guest>
    <os_type>hvm</os_type>
    <arch name='x86_64'>
      <wordsize>64</wordsize>
      <emulator>${EMULATOR}</emulator>
      <machine maxCpus='255'>pc-i440fx-7.2</machine>
      <machine canonical='pc-i440fx-7.2' maxCpus='255'>pc</machine>
      <machine maxCpus='288'>${MACHINE}</machine>
      <machine canonical='${MACHINE}' maxCpus='288'>q35</machine>
      <domain type='qemu'/>
      <domain type='kvm'/>
    </arch>
    <features>
      <acpi default='on' toggle='yes'/>
      <apic default='on' toggle='no'/>
      <deviceboot/>
    </features>
  </guest>

</capabilities>
`;
}

export interface DomainCapabilitiesQuery {
  readonly emulator: string | null;
  readonly architecture: string | null;
  readonly machine: string | null;
  readonly virtualizationType: string | null;
}

/** Source of the form: libvirt 9.0.0, docs/formatdomaincaps.rst. */
export function domainCapabilitiesXml(query: DomainCapabilitiesQuery): string {
  const values = (names: readonly string[]): string => names.map((name) => `        <value>${name}</value>`).join('\n');
  return `<domainCapabilities>
  <path>${EMULATOR}</path>
  <domain>${query.virtualizationType === 'kvm' ? 'kvm' : 'qemu'}</domain>
  <machine>${MACHINE}</machine>
  <arch>x86_64</arch>
  <vcpu max='${MOST_PROCESSORS}'/>
  <iothreads supported='yes'/>
  <os supported='yes'>
    <enum name='firmware'>
      <value>efi</value>
    </enum>
    <loader supported='yes'>
      <value>${UEFI_LOADER}</value>
      <enum name='type'>
${values(['rom', 'pflash'])}
      </enum>
      <enum name='readonly'>
${values(['yes', 'no'])}
      </enum>
      <enum name='secure'>
${values(['yes', 'no'])}
      </enum>
    </loader>
  </os>
  <devices>
    <disk supported='yes'>
      <enum name='diskDevice'>
${values(['disk', 'cdrom', 'floppy', 'lun'])}
      </enum>
      <enum name='bus'>
${values(['ide', 'fdc', 'scsi', 'virtio', 'usb', 'sata'])}
      </enum>
    </disk>
    <tpm supported='yes'>
      <enum name='model'>
${values(['tpm-tis', 'tpm-crb'])}
      </enum>
      <enum name='backendModel'>
${values(['emulator'])}
      </enum>
    </tpm>
  </devices>
</domainCapabilities>
`;
}
