export { activateConsole, SOL_ACTIVATION } from './activate.js';
export type { SolConsole, SolCounters, SolEnd, SolOptions } from './console-types.js';
export { decodeBmcPacket, encodeConsolePacket } from './packet.js';
export type { BmcPacket, ConsolePacket } from './packet.js';
