export { decodeManagerFacts, findManager, resetManager } from './managers.js';
export type { ManagerFacts } from './managers.js';
