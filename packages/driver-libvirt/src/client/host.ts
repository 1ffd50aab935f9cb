import type { CallOptions } from '@ferric/core';
import type { Caller } from './caller.js';
import { checkName } from './checks.js';
import { connectionProcedures } from './wire/procedures/connection.js';

export interface Version {
  readonly major: number;
  readonly minor: number;
  readonly release: number;
  /** `7.2.22` */
  readonly text: string;
}

/** For which kind of machine capabilities are asked. What is left out, the daemon chooses. */
export interface MachineKind {
  /** Path of the emulator on the host: `/usr/bin/qemu-system-x86_64`. */
  readonly emulator?: string;
  /** `x86_64`, `aarch64` */
  readonly architecture?: string;
  /** `q35`, `pc`, `virt` */
  readonly machine?: string;
  /** `kvm`, `qemu` */
  readonly virtualizationType?: string;
}

/** What the daemon and its host are. Each call throws what {@link LibvirtClient.call} throws. */
export interface Host {
  /** The hypervisor driver: `QEMU`, `TEST`. */
  type(options?: CallOptions): Promise<string>;
  hypervisorVersion(options?: CallOptions): Promise<Version>;
  /** Of libvirt, at the daemon. */
  libraryVersion(options?: CallOptions): Promise<Version>;
  hostname(options?: CallOptions): Promise<string>;
  /** How the daemon calls itself: `qemu:///system`. */
  uri(options?: CallOptions): Promise<string>;
  /** XML: the host, and the kinds of machine that it can run. */
  capabilities(options?: CallOptions): Promise<string>;
  /** XML: what one kind of machine can have, such as firmware, secure boot and TPM. @throws INVALID_OPTIONS */
  domainCapabilities(kind?: MachineKind, options?: CallOptions): Promise<string>;
}

export function createHost(caller: Caller): Host {
  return {
    type: async (options) => caller.call(connectionProcedures.getType, undefined, options),
    hypervisorVersion: async (options) => versionOf(await caller.call(connectionProcedures.getVersion, undefined, options)),
    libraryVersion: async (options) => versionOf(await caller.call(connectionProcedures.getLibVersion, undefined, options)),
    hostname: async (options) => caller.call(connectionProcedures.getHostname, undefined, options),
    uri: async (options) => caller.call(connectionProcedures.getUri, undefined, options),
    capabilities: async (options) => caller.call(connectionProcedures.getCapabilities, undefined, options),
    async domainCapabilities(kind = {}, options) {
      const word = (field: keyof MachineKind): string | null => (kind[field] === undefined ? null : checkName(field, kind[field]));
      const args = {
        emulator: word('emulator'),
        architecture: word('architecture'),
        machine: word('machine'),
        virtualizationType: word('virtualizationType'),
        flags: 0,
      };
      return caller.call(connectionProcedures.getDomainCapabilities, args, options);
    },
  };
}

/** Source: libvirt 9.0.0, src/libvirt-host.c, virConnectGetVersion: major * 1000000 + minor * 1000 + release. */
function versionOf(number: bigint): Version {
  const major = Number(number / 1_000_000n);
  const minor = Number((number / 1000n) % 1000n);
  const release = Number(number % 1000n);
  return { major, minor, release, text: `${major}.${minor}.${release}` };
}
