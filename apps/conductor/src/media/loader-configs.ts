/** Names of kernel and ramdisk on a medium: short enough for the oldest firmware. */
export const KERNEL_NAME = 'vmlinuz';
export const RAMDISK_NAME = 'initrd';

/**
 * Where boot loaders for UEFI look for their configuration: Debian's on CDs, then by the vendor that built them.
 * Source: the embedded configurations of GRUB in Debian, Ubuntu, CentOS, Fedora, RHEL; Ironic, ironic/conf/default.py (grub_config_path).
 */
const GRUB_FOLDERS = ['boot/grub', 'boot/grub2', 'EFI/BOOT', 'EFI/debian', 'EFI/ubuntu', 'EFI/centos', 'EFI/fedora', 'EFI/redhat', 'EFI/rocky', 'EFI/almalinux'] as const;

/** A text file on a medium. */
export interface ConfigFile {
  readonly path: string;
  readonly text: string;
}

/**
 * What boot loaders read on a medium: nothing is asked, nothing waited for.
 * @param commandLine one line of printable ASCII without `'` and `\`
 * @param mark words that no other file system has: GRUB looks through disks before CDs, and many a disk has a /vmlinuz
 */
export function loaderConfigs(commandLine: string, mark: string): readonly ConfigFile[] {
  const markFile = `.disk/ferric-${mark}`;
  return [
    { path: 'isolinux/isolinux.cfg', text: isolinuxConfig(commandLine) },
    // The medium by which GRUB of Debian knows the CD that it was started from.
    { path: '.disk/info', text: 'Ferric virtual media\n' },
    { path: markFile, text: '' },
    ...GRUB_FOLDERS.map((folder) => ({ path: `${folder}/grub.cfg`, text: grubConfig(commandLine, markFile) })),
  ];
}

/** Source: Syslinux, doc/syslinux.txt: `append` takes the rest of its line as it is. */
function isolinuxConfig(commandLine: string): string {
  return ['default boot', 'prompt 0', 'label boot', `  kernel /${KERNEL_NAME}`, `  append initrd=/${RAMDISK_NAME} ${commandLine}`, ''].join('\n');
}

/** Everything that GRUB's shell reads as anything but itself, blanks and double quotes aside. */
const GRUB_SPECIAL = /[$;&|<>{}#`!*?[\]()~]/g;

/**
 * Double quotes stay: GRUB takes them away and quotes the whole word again for the kernel, which reads both alike.
 * Source: GRUB manual, "Quoting"; grub-core/lib/cmdline.c (grub_create_loader_cmdline).
 */
function grubConfig(commandLine: string, markFile: string): string {
  const words = commandLine
    .split('"')
    // Inside of double quotes only "$" has a meaning.
    .map((part, index) => (index % 2 === 1 ? part.replaceAll('$', '\\$') : part.replace(GRUB_SPECIAL, '\\$&')))
    .join('"');
  return [
    `search --no-floppy --file --set=root /${markFile}`,
    'set default=0', 'set timeout=0',
    "menuentry 'boot' {", `  linux /${KERNEL_NAME} ${words}`, `  initrd /${RAMDISK_NAME}`, '}', '',
  ].join('\n');
}
