import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';

/** Programs that the lab runs, and the Debian 12 package of each. */
const DEBIAN_PACKAGES = {
  'bmc-info': 'freeipmi-tools',
  curl: 'curl',
  expect: 'expect',
  gcc: 'gcc',
  ip: 'iproute2',
  'ipmi-chassis': 'freeipmi-tools',
  'ipmi-fru': 'freeipmi-tools',
  'ipmi-raw': 'freeipmi-tools',
  'ipmi-sel': 'freeipmi-tools',
  'ipmi-sensors': 'freeipmi-tools',
  ipmi_sim: 'openipmi',
  ipmiconsole: 'freeipmi-tools',
  ipmipower: 'freeipmi-tools',
  ipmitool: 'ipmitool',
  libvirtd: 'libvirt-daemon-system',
  mcopy: 'mtools',
  mdir: 'mtools',
  'mkfs.vfat': 'dosfstools',
  mkfifo: 'coreutils',
  mmd: 'mtools',
  mtype: 'mtools',
  nsenter: 'util-linux',
  openssl: 'openssl',
  'qemu-img': 'qemu-utils',
  'qemu-system-x86_64': 'qemu-system-x86',
  saslpasswd2: 'sasl2-bin',
  setpriv: 'util-linux',
  'ssh-keygen': 'openssh-client',
  sshd: 'openssh-server',
  syslinux: 'syslinux',
  unshare: 'util-linux',
  virsh: 'libvirt-clients',
  wsl: 'wsl',
  xorriso: 'xorriso',
} as const;

export type ToolName = keyof typeof DEBIAN_PACKAGES;

const FOLDERS = [...(process.env['PATH'] ?? '').split(':'), '/usr/sbin', '/sbin', '/usr/bin', '/bin'];

/** Where a program is. Fails with the name of its Debian package when it is missing. */
export function findTool(name: ToolName): string {
  const found = FOLDERS.filter((folder) => folder !== '').map((folder) => join(folder, name)).find((path) => isAccessible(path, constants.X_OK));
  if (found !== undefined) return found;
  throw missing(name, DEBIAN_PACKAGES[name]);
}

/** A file that a package brings. Fails with the name of the package when none of the places has it. */
export function findFile(debianPackage: string, ...places: readonly string[]): string {
  const found = places.find((path) => isAccessible(path, constants.R_OK));
  if (found !== undefined) return found;
  throw missing(places.join(' or '), debianPackage);
}

/** Fails when this process may not make namespaces. `what` starts the sentence: `A private libvirtd`. */
export function requireRoot(what: string): void {
  if (process.getuid?.() !== 0) throw new Error(`${what} lives in namespaces of its own, which only root may make: run this as root.`);
}

function missing(what: string, debianPackage: string): Error {
  return new Error(`${what} is not installed. Install it: apt-get install --no-install-recommends ${debianPackage}`);
}

function isAccessible(path: string, mode: number): boolean {
  try {
    accessSync(path, mode);
    return true;
  } catch {
    return false;
  }
}
