export * from './message/index.js';
export * from './client/index.js';
export * from './commands/index.js';
export * from './sdr/index.js';
export * from './sensors/index.js';
export * from './sel/index.js';
export * from './fru/index.js';
export * from './sol/index.js';
