export type BootDeviceName = 'hd' | 'cdrom' | 'network';

export interface GuestXmlOptions {
  readonly name: string;
  readonly uuid: string;
  readonly mac: string;
  readonly memoryMib: number;
  readonly firmware: 'bios' | 'uefi';
  /** `os`: the order stands in the domain. `device`: it stands at each device. */
  readonly bootStyle: 'os' | 'device';
  /** What is tried, in this order. */
  readonly bootOrder: readonly BootDeviceName[];
  /** Path of the raw disk. */
  readonly disk: string;
  /** Default: sata with UEFI, otherwise ide. */
  readonly diskBus?: 'virtio' | undefined;
  /** Path of a program that is run in place of QEMU's. */
  readonly emulator?: string | undefined;
  /** Path of the image in the drive; null: the drive is empty; absent: there is no drive. */
  readonly cdrom?: string | null;
  /** Where everything that the serial port prints is written as well. */
  readonly serialLog: string;
  readonly video: boolean;
  /** Of the daemon. Default: a network of the guest's own, which needs no rights. */
  readonly network?: string | undefined;
  /** Whether the network card can boot. */
  readonly networkBoot: boolean;
}

/**
 * A domain that QEMU runs without help of the processor: where the test machine is itself a guest, KVM may be there and fail.
 * Source: libvirt's page "Domain XML format".
 */
export function guestXml(options: GuestXmlOptions): string {
  const { name, uuid, memoryMib, firmware, bootStyle, bootOrder, serialLog, video, networkBoot, emulator } = options;
  return [
    '<domain type="qemu">',
    `<name>${escape(name)}</name><uuid>${uuid}</uuid><memory unit="MiB">${memoryMib}</memory><vcpu>1</vcpu>`,
    `<os${firmware === 'uefi' ? ' firmware="efi"' : ''}><type arch="x86_64" machine="${firmware === 'uefi' ? 'q35' : 'pc'}">hvm</type>`,
    ...(bootStyle === 'os' ? bootOrder.map((device) => `<boot dev="${device}"/>`) : []),
    // The firmware speaks on the serial port too: the network card's program has no other way to show itself.
    ...(networkBoot ? ['<bios useserial="yes"/>'] : []),
    '</os><features><acpi/><apic/></features>',
    '<on_poweroff>destroy</on_poweroff><on_reboot>restart</on_reboot><on_crash>destroy</on_crash>',
    '<devices>',
    ...(emulator === undefined ? [] : [`<emulator>${escape(emulator)}</emulator>`]),
    ...disks(options),
    networkCard(options),
    `<serial type="pty"><log file="${escape(serialLog)}" append="off"/></serial>`,
    '<controller type="usb" model="none"/><memballoon model="none"/>',
    ...(video ? ['<video><model type="vga" vram="8192"/></video>'] : []),
    '</devices></domain>',
  ].join('\n');
}

function disks(options: GuestXmlOptions): readonly string[] {
  const { cdrom, disk, diskBus, firmware } = options;
  const bus = firmware === 'uefi' ? 'sata' : 'ide';
  const prefix = bus === 'sata' ? 'sd' : 'hd';
  const [diskName, ownBus] = diskBus === 'virtio' ? ['vda', diskBus] : [`${prefix}a`, bus];
  const drive = `<disk type="file" device="disk"><driver name="qemu" type="raw"/><source file="${escape(disk)}"/><target dev="${diskName}" bus="${ownBus}"/>${order(options, 'hd')}</disk>`;
  if (cdrom === undefined) return [drive];
  const source = cdrom === null ? '' : `<source file="${escape(cdrom)}"/>`;
  return [
    drive,
    `<disk type="file" device="cdrom"><driver name="qemu" type="raw"/>${source}<target dev="${prefix}c" bus="${bus}"/><readonly/>${order(options, 'cdrom')}</disk>`,
  ];
}

function networkCard(options: GuestXmlOptions): string {
  const { mac, network, networkBoot } = options;
  const link = network === undefined ? '<interface type="user">' : `<interface type="network"><source network="${escape(network)}"/>`;
  // Without a program of its own the card needs no Debian package, and the firmware wastes no time on it.
  const program = networkBoot ? '' : '<rom enabled="no"/>';
  return `${link}<mac address="${mac}"/><model type="virtio"/>${program}${order(options, 'network')}</interface>`;
}

function order({ bootStyle, bootOrder }: GuestXmlOptions, device: BootDeviceName): string {
  const at = bootOrder.indexOf(device);
  return bootStyle === 'device' && at >= 0 ? `<boot order="${at + 1}"/>` : '';
}

function escape(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}
