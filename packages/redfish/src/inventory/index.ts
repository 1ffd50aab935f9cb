export { decodeEthernetInterface, readEthernetInterfaces } from './ethernet.js';
export type { EthernetInterface } from './ethernet.js';
export { decodeMemory, readMemory } from './memory.js';
export type { MemoryModule } from './memory.js';
export { decodeProcessor, readProcessors } from './processors.js';
export type { Processor } from './processors.js';
