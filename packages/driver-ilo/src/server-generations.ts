import type { Capability } from '@ferric/core';
import { ILO_BOOT_DEVICES, type IloBootDeviceName } from './client/index.js';
import type { IloDriverName } from './ilo-options.js';

/** Generations of servers, as HPE names them. `gen10` is also Gen10 Plus. */
export const SERVER_GENERATIONS = ['gen8', 'gen9', 'gen10', 'gen11', 'gen12'] as const;
export type ServerGeneration = (typeof SERVER_GENERATIONS)[number];

/** What the servers of a generation have, of that which not all have. */
export interface GenerationFacts {
  readonly bootDevices: readonly IloBootDeviceName[];
  readonly capabilities: ReadonlySet<Extract<Capability, 'secureBoot' | 'bios' | 'nmi' | 'httpBoot' | 'raid'>>;
}

const OF_FIRMWARE = ['secureBoot', 'bios', 'nmi'] as const;

/** RIBCL, all that Gen8 has, knows none of it. Gen9 boots over HTTP by the script of a shell, and trusts no certificates. Disk arrays can be made through SmartStorageConfig, which iLO 6 has no more. */
const FACTS: Readonly<Record<ServerGeneration, GenerationFacts>> = {
  gen8: { bootDevices: ['pxe', 'disk', 'cdrom'], capabilities: new Set() },
  gen9: { bootDevices: ['pxe', 'disk', 'cdrom', 'iscsiboot'], capabilities: new Set(OF_FIRMWARE) },
  gen10: { bootDevices: ILO_BOOT_DEVICES, capabilities: new Set([...OF_FIRMWARE, 'httpBoot', 'raid']) },
  gen11: { bootDevices: ILO_BOOT_DEVICES, capabilities: new Set([...OF_FIRMWARE, 'httpBoot']) },
  gen12: { bootDevices: ILO_BOOT_DEVICES, capabilities: new Set([...OF_FIRMWARE, 'httpBoot']) },
};

/** The generation with the most that a driver is for: what is not known must not be missing. */
const MOST: Readonly<Record<IloDriverName, ServerGeneration>> = { ilo: 'gen9', ilo5: 'gen10' };

/** What a device of this driver has, as far as it is known without asking the controller. */
export function factsOf(driver: IloDriverName, generation: ServerGeneration | undefined): GenerationFacts {
  return FACTS[generation ?? MOST[driver]];
}
