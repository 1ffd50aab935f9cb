import type { IloInventory } from '../ilo-client.js';
import type { Perform } from '../operations/perform.js';
import { readRestInventory } from './inventory-rest.js';
import { readRibclInventory } from './inventory-ribcl.js';

export function createInventory(perform: Perform): IloInventory {
  return { read: (options) => perform('inventory', { rest: readRestInventory, ribcl: readRibclInventory }, options) };
}
