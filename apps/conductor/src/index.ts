export { startConductor } from './conductor.js';
export type { Conductor, ConductorDependencies } from './conductor.js';
export { configSchema, readConfig } from './config.js';
export type { ConductorConfig, ConfigSources } from './config.js';
export type { LoadedPlugin, LoadedPlugins } from './compose/load-plugins.js';
