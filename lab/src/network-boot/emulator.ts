import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PrivateLibvirtd } from '../libvirtd/private-libvirtd.ts';
import { findTool } from '../system/tools.ts';
import { userNetwork, type UserNetworkOptions } from './user-network.ts';

/**
 * Runs QEMU with more options of the guest's network than libvirt knows, from a file with the guest's name.
 * libvirt 9.0 writes `-name guest=NAME,...` before `-netdev {"type":"user",...}`.
 */
const WRAPPER = (folder: string, qemu: string): string => `#!/bin/sh
previous=; more=
for argument in "$@"; do
  shift
  case "$previous" in
    -name) guest=\${argument#guest=}; guest=\${guest%%,*}; if [ -e '${folder}'/"$guest" ]; then more=$(cat '${folder}'/"$guest"); fi;;
    -netdev) case "$argument" in '{"type":"user",'*) argument="{\\"type\\":\\"user\\",$more\${argument#*,}";; esac;;
  esac
  previous=$argument
  set -- "$@" "$argument"
done
exec '${qemu}' "$@"
`;

/** One program for all guests of a daemon: it looks each of them over once, which takes seconds. Yields its path. */
export function prepareEmulator(libvirtd: PrivateLibvirtd): string {
  const program = join(libvirtd.directory, 'emulator');
  if (!existsSync(program)) {
    mkdirSync(networkFolder(libvirtd));
    writeFileSync(program, WRAPPER(networkFolder(libvirtd), findTool('qemu-system-x86_64')));
    chmodSync(program, 0o755);
  }
  return program;
}

/** What the network of a guest has besides; counts from its next start. */
export function setUserNetwork(libvirtd: PrivateLibvirtd, guest: string, options: UserNetworkOptions): void {
  const members = Object.entries(userNetwork(options)).map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)},`);
  writeFileSync(join(networkFolder(libvirtd), guest), members.join(''));
}

function networkFolder({ directory }: PrivateLibvirtd): string {
  return join(directory, 'networks');
}
