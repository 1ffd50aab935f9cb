import { CONTRACT, printValue, type FerricPlugin, type Logger } from '@ferric/core';
import { describeFailure } from '../failure-text.js';
import { findPackages, type DriverPackage, type FindPackagesOptions, type RefusedPackage } from './find-packages.js';

/** A plugin that was imported, and the package it came from. */
export interface LoadedPlugin {
  readonly packageName: string;
  readonly version: string;
  readonly plugin: FerricPlugin;
}

export interface LoadedPlugins {
  readonly loaded: readonly LoadedPlugin[];
  readonly refused: readonly RefusedPackage[];
}

/** Imports the driver packages of a project. A package that fails is refused with its reason; the others go on. */
export async function loadPlugins(options: FindPackagesOptions, logger: Logger): Promise<LoadedPlugins> {
  const found = await findPackages(options);
  const results = await Promise.all(found.packages.map(load));
  const refused = [...found.refused, ...results.flatMap((result) => ('reason' in result ? [result] : []))];
  const loaded = results.flatMap((result) => ('plugin' in result ? [result] : []));
  for (const { packageName, version } of loaded) logger.info({ package: packageName, version }, 'Driver package loaded');
  for (const { name, reason } of refused) logger.warn({ package: name, reason }, 'Driver package refused');
  return { loaded, refused };
}

async function load(found: DriverPackage): Promise<LoadedPlugin | RefusedPackage> {
  try {
    const module = (await import(found.pluginUrl.href)) as { readonly plugin?: FerricPlugin };
    if (module.plugin === undefined) return { name: found.name, reason: 'its "./plugin" exports no "plugin"' };
    if (module.plugin.contract !== CONTRACT) {
      return { name: found.name, reason: `its plugin speaks contract ${printValue(module.plugin.contract)}, its package.json says ${CONTRACT}` };
    }
    return { packageName: found.name, version: found.version, plugin: module.plugin };
  } catch (error) {
    return { name: found.name, reason: `it could not be loaded: ${describeFailure(error)}` };
  }
}
