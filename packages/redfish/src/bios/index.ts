export { allowedBiosValues, biosPart, canResetBios, changeBios, decodeBios, readBios, readDefaultBios, readPendingBios, resetBios } from './bios.js';
export type { BiosAttributes, BiosChangeOptions, BiosForm, BiosResult, BiosSettings, BiosValue } from './bios.js';
