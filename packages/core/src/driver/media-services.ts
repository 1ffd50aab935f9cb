import type { BootModeName } from '../device/boot.js';
import type { NodeView } from '../node/node.js';
import type { Secret } from '../secrets/secret.js';

/** A CD that boots a kernel with its ramdisk, by BIOS and by UEFI. */
export interface BootMedium {
  readonly kind: 'boot';
  /** Where kernel and ramdisk come from: `http://...`, `https://...`, or `file:///...` below one of the folders that the conductor serves. */
  readonly kernel: string;
  readonly ramdisk: string;
  /** The kernel's command line, on one line. It may hold secrets. */
  readonly commandLine: Secret;
  /** An image of an EFI system partition whose boot loader reads `grub.cfg`; from where, as the kernel. Default: one that the conductor makes. */
  readonly bootloader?: string;
  /** As Ironic names it in `properties.cpu_arch`. Default `x86_64`. */
  readonly architecture?: string;
  /** How the machine boots; it must be able to. Default: whichever the conductor has boot loaders for. */
  readonly bootMode?: BootModeName;
}

/**
 * A floppy with `parameters.txt`, from which a ready-made deploy ISO learns its parameters.
 * Source: ironic-python-agent, ironic_python_agent/utils.py (_get_vmedia_params).
 */
export interface ParametersMedium {
  readonly kind: 'parameters';
  /** By name; values are words. */
  readonly parameters: Readonly<Record<string, string | Secret>>;
}

export type Medium = BootMedium | ParametersMedium;

/** Images for the virtual drives of a machine, which its controller loads from the conductor. */
export interface MediaServices {
  /**
   * As `conductorUrl` of the services, but what a machine said of it before does not count, for secrets may go there: the configured address, or else
   * where the conductor listens. Throws CONFLICT when that is no address that others could use.
   */
  conductorUrl(node: NodeView, options: { readonly signal: AbortSignal }): Promise<string>;
  /** The base of the addresses under which the machine's controller and firmware load what the conductor serves. Throws CONFLICT as `conductorUrl`. */
  controllerUrl(node: NodeView, options: { readonly signal: AbortSignal }): Promise<string>;
  /** As `downloadUrl` of the services, for the machine's controller, which may be in another network than the machine. */
  address(node: NodeView, reference: string, options: { readonly signal: AbortSignal }): Promise<string>;
  /**
   * Makes a medium and serves it to the machine's controller until it is withdrawn, also after a restart of the conductor. Idempotent: one medium of
   * each kind and key, and what was there is replaced.
   * @param key 32 hexadecimal digits that nobody can guess. The node's driver_internal_info must name it before; what it names no more is removed.
   * @returns its address, which opens it to whoever knows it
   * Throws INVALID_OPTIONS for a file that cannot be had, CONFLICT when no address of the conductor is known, UNSUPPORTED when no tool for it is installed.
   */
  publish(node: NodeView, key: Secret, medium: Medium, options: { readonly signal: AbortSignal }): Promise<Secret>;
  /**
   * The certificates, in PEM form each, that firmware has to trust when it loads from https addresses: that of the conductor itself, or the one above it, and
   * those that its operator names. Empty: none are known here.
   */
  authorities(): Promise<readonly string[]>;
  /** Removes what was published for a node. Nothing there is no error. */
  withdraw(node: NodeView): Promise<void>;
}
