/**
 * Makers of memory by bank and number, each byte with odd parity, as the module's own data have them. Source: JEDEC JEP106.
 * Only makers of modules that desktops have; others keep their code.
 */
const MEMORY_MAKERS: ReadonlyMap<string, string> = new Map([
  ['802C', 'Micron'], ['80AD', 'SK hynix'], ['80CE', 'Samsung'], ['8040', 'ProMOS'], ['80C1', 'Infineon'],
  ['0198', 'Kingston'], ['014F', 'Transcend'], ['017A', 'Apacer'], ['0194', 'Smart Modular'], ['01BA', 'PNY'],
  ['029E', 'Corsair'], ['02FE', 'Elpida'], ['02B5', 'SpecTek'], ['0216', 'Netlist'],
  ['830B', 'Nanya'],
  ['04CB', 'ADATA'], ['04CD', 'G.Skill'], ['04EF', 'Team Group'], ['0443', 'Ramaxel'], ['04B0', 'OCZ'],
  ['859B', 'Crucial'], ['8502', 'Patriot'], ['8551', 'Qimonda'], ['853E', 'PQI'],
  ['86D3', 'Silicon Power'], ['86F1', 'Innodisk'], ['8634', 'Super Talent'],
]);

/** Firmware adds the maker of the chips, or zeros, behind the maker of the module. */
const CODE = /^(?:0x)?([\dA-F]{4})(?:[\dA-F]{4}|[\dA-F]{8}|[\dA-F]{12})?$/i;

/** The maker of a memory module by the code that firmware passes on, such as `859B`; undefined for a code that is not known and for plain names. */
export function memoryMaker(manufacturer: string): string | undefined {
  return MEMORY_MAKERS.get(CODE.exec(manufacturer.trim())?.[1]?.toUpperCase() ?? '');
}
