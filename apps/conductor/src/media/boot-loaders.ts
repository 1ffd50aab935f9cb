import { FerricError, type BootModeName } from '@ferric/core';
import { findReadable } from './programs.js';

/** Boot loaders that are installed on this machine, for one architecture of machines. */
export interface BootLoaders {
  /** For BIOS. */
  readonly isolinux?: { readonly program: string; readonly module: string; readonly hybridSector: string };
  /** A program for UEFI, and its name where firmware looks for it. */
  readonly grub?: { readonly program: string; readonly name: string };
}

/** Where Debian's packages put them, and where others do. */
interface Places {
  readonly isolinux?: Readonly<Record<'program' | 'module' | 'hybridSector', readonly string[]>>;
  readonly grub: readonly string[];
  /** Source: UEFI specification 2.10, section 3.5.1.1 (removable media boot behaviour). */
  readonly name: string;
  /** The Debian package with GRUB. */
  readonly grubPackage: string;
}

const X86: Places = {
  isolinux: {
    program: ['/usr/lib/ISOLINUX/isolinux.bin', '/usr/share/syslinux/isolinux.bin', '/usr/lib/syslinux/bios/isolinux.bin'],
    module: ['/usr/lib/syslinux/modules/bios/ldlinux.c32', '/usr/share/syslinux/ldlinux.c32', '/usr/lib/syslinux/bios/ldlinux.c32'],
    hybridSector: ['/usr/lib/ISOLINUX/isohdpfx.bin', '/usr/share/syslinux/isohdpfx.bin', '/usr/lib/syslinux/bios/isohdpfx.bin'],
  },
  grub: ['/usr/lib/grub/x86_64-efi/monolithic/gcdx64.efi'],
  name: 'BOOTX64.EFI',
  grubPackage: 'grub-efi-amd64-bin',
};
const ARM: Places = { grub: ['/usr/lib/grub/arm64-efi/monolithic/gcdaa64.efi'], name: 'BOOTAA64.EFI', grubPackage: 'grub-efi-arm64-bin' };

const PLACES: Readonly<Record<string, Places>> = { x86_64: X86, amd64: X86, i386: X86, i686: X86, aarch64: ARM, arm64: ARM };

export interface WantedLoaders {
  /** As `properties.cpu_arch` names it. */
  readonly architecture: string;
  /** Undefined: nobody knows, and any will do. */
  readonly bootMode: BootModeName | undefined;
  /** Whether the operator gave a boot loader for UEFI. */
  readonly hasOwnLoader: boolean;
}

/**
 * Finds the boot loaders for a medium.
 * @param root a folder that stands for `/`; anything else is for tests
 * @throws UNSUPPORTED naming the Debian package when what the machine needs is missing.
 */
export async function findBootLoaders({ architecture, bootMode, hasOwnLoader }: WantedLoaders, root = ''): Promise<BootLoaders> {
  const places = PLACES[architecture];
  if (places === undefined) throw missing(`a boot loader for the architecture ${architecture}`, `Give the node a ready-made image (driver_info deploy_iso); known architectures are ${Object.keys(PLACES).join(', ')}.`);
  const isolinux = await findIsolinux(places, root);
  const grub = hasOwnLoader ? undefined : await findGrub(places, root);
  const lacking = lackingMode(bootMode, { bios: isolinux !== undefined, uefi: hasOwnLoader || grub !== undefined });
  if (lacking !== undefined) throw missing(LACKING[lacking].what, LACKING[lacking].hint(places));
  return { ...(isolinux === undefined ? {} : { isolinux }), ...(grub === undefined ? {} : { grub }) };
}

/** What a machine cannot do without: the loader for its mode, or for any where nobody knows the mode. */
function lackingMode(bootMode: BootModeName | undefined, present: Readonly<Record<BootModeName, boolean>>): keyof typeof LACKING | undefined {
  if (bootMode === undefined) return present.bios || present.uefi ? undefined : 'any';
  return present[bootMode] ? undefined : bootMode;
}

const installIsolinux = ({ isolinux }: Places): string =>
  isolinux === undefined ? 'Machines of this architecture boot by UEFI: set the capability boot_mode to uefi.' : 'Install the Debian packages isolinux and syslinux-common on the conductor.';
const installGrub = ({ grubPackage }: Places): string =>
  `Install the Debian package ${grubPackage} on the conductor, or name an image of an EFI system partition (driver_info bootloader).`;

const LACKING = {
  bios: { what: 'a boot loader for BIOS', hint: installIsolinux },
  uefi: { what: 'a boot loader for UEFI', hint: installGrub },
  any: { what: 'a boot loader', hint: (places: Places) => (places.isolinux === undefined ? installGrub(places) : `For BIOS: ${installIsolinux(places)} For UEFI: ${installGrub(places)}`) },
} as const;

async function findGrub({ grub, name }: Places, root: string): Promise<BootLoaders['grub']> {
  const program = await findReadable(grub.map((path) => `${root}${path}`));
  return program === undefined ? undefined : { program, name };
}

async function findIsolinux({ isolinux }: Places, root: string): Promise<BootLoaders['isolinux']> {
  if (isolinux === undefined) return undefined;
  const find = async (paths: readonly string[]): Promise<string | undefined> => findReadable(paths.map((path) => `${root}${path}`));
  const [program, module, hybridSector] = await Promise.all([find(isolinux.program), find(isolinux.module), find(isolinux.hybridSector)]);
  return program === undefined || module === undefined || hybridSector === undefined ? undefined : { program, module, hybridSector };
}

function missing(what: string, hint: string): FerricError {
  return new FerricError('UNSUPPORTED', `A medium cannot be made: ${what} is not installed on the conductor`, { hint });
}
