import { type CallOptions, FerricError } from '@ferric/core';
import type { RedfishClient } from '../client/client-types.js';
import { within } from '../client/within.js';
import { requireLink } from '../resource/links.js';
import { oem } from '../resource/oem.js';
import { reader } from '../resource/readers.js';
import type { Resource } from '../resource/resource.js';
import { readMembers } from '../walk/collection.js';

/** Which of several systems behind one controller is meant. */
export interface SystemChoice {
  /** Its property Id. */
  readonly id?: string;
  /** Its property UUID, in any case of letters. */
  readonly uuid?: string;
}

/**
 * The computer system behind the controller.
 * @throws NOT_FOUND when there is none that fits, INVALID_OPTIONS when several do: then it has to be said which is meant
 */
export async function findSystem(client: RedfishClient, choice: SystemChoice = {}, options?: CallOptions): Promise<Resource> {
  return within(client, options, 'the computer system', async (call) => {
    const systems = await readMembers(client, requireLink(await client.root(call), 'Systems'), call);
    const fitting = systems.filter((system) => fits(system, choice));
    const [only, ...others] = fitting;
    if (only === undefined) throw none(client.address, systems);
    if (others.length > 0) throw several(client.address, fitting);
    // Some collections bring their members along, which then have neither ETag nor methods.
    return only.etag === undefined && only.allow === undefined ? client.read(only.path, call) : only;
  });
}

function fits(system: Resource, { id, uuid }: SystemChoice): boolean {
  const fields = reader(system.body, system.path);
  return (id === undefined || idOf(system) === id) && (uuid === undefined || fields.text('UUID')?.toLowerCase() === uuid.toLowerCase());
}

/** RIS has no Id: there the last part of the path stands for it. */
function idOf(system: Resource): string {
  return reader(system.body, system.path).text('Id') ?? system.path.replace(/\/+$/, '').split('/').at(-1) ?? '';
}

function none(address: string, systems: readonly Resource[]): FerricError {
  return new FerricError('NOT_FOUND', `The controller at ${address} has no computer system that fits`, { details: { address, systems: systems.map(idOf) } });
}

function several(address: string, systems: readonly Resource[]): FerricError {
  const ids = systems.map(idOf);
  return new FerricError('INVALID_OPTIONS', `The controller at ${address} has ${ids.length} computer systems: ${ids.join(', ')}`, {
    details: { address, systems: ids, issues: [{ field: 'id', problem: 'missing', expected: `one of ${ids.join(', ')}` }] },
    hint: 'Say which of them is meant.',
  });
}

/** What a system tells about itself. Undefined where it does not. */
export interface SystemFacts {
  readonly manufacturer: string | undefined;
  readonly model: string | undefined;
  readonly serialNumber: string | undefined;
  readonly sku: string | undefined;
  readonly uuid: string | undefined;
  readonly hostName: string | undefined;
  readonly biosVersion: string | undefined;
  readonly memoryGib: number | undefined;
  readonly processorCount: number | undefined;
  readonly processorModel: string | undefined;
  /** `OK`, `Warning`, `Critical`. */
  readonly health: string | undefined;
}

export function decodeSystemFacts({ body, path }: Resource): SystemFacts {
  const system = reader(body, path);
  const vendorBios = reader(oem(body), path, 'Oem.').child('Bios').child('Current');
  const processors = system.child('ProcessorSummary');
  // RIS calls them Processors and Memory; in Redfish those names are links.
  const risProcessors = system.child('Processors');
  const status = system.child('Status');
  return {
    manufacturer: system.text('Manufacturer'),
    model: system.text('Model'),
    serialNumber: system.text('SerialNumber'),
    sku: system.text('SKU'),
    uuid: system.text('UUID'),
    hostName: system.text('HostName'),
    biosVersion: system.text('BiosVersion') ?? system.child('Bios').child('Current').text('VersionString') ?? vendorBios.text('VersionString'),
    memoryGib: system.child('MemorySummary').number('TotalSystemMemoryGiB') ?? system.child('Memory').number('TotalSystemMemoryGB'),
    processorCount: processors.integer('Count') ?? risProcessors.integer('Count'),
    processorModel: processors.text('Model') ?? risProcessors.text('ProcessorFamily'),
    health: status.text('HealthRollup') ?? status.text('Health'),
  };
}
