import type { CallOptions } from '@ferric/core';
import type { RedfishClient } from '../client/client-types.js';
import { requireLink } from '../resource/links.js';
import { reader } from '../resource/readers.js';
import type { Resource } from '../resource/resource.js';
import { readMembers } from '../walk/collection.js';

/** Source: schema Processor. */
export interface Processor {
  readonly path: string;
  readonly id: string | undefined;
  /** `CPU`, `GPU`, ... */
  readonly type: string | undefined;
  readonly manufacturer: string | undefined;
  readonly model: string | undefined;
  /** `x86`, `ARM`, ... */
  readonly architecture: string | undefined;
  /** `x86-64`, `ARM-A64`, ... */
  readonly instructionSet: string | undefined;
  readonly cores: number | undefined;
  readonly threads: number | undefined;
  readonly speedMhz: number | undefined;
  readonly health: string | undefined;
  readonly state: string | undefined;
}

/** Empty sockets are left out. @throws UNSUPPORTED when the system does not show its processors */
export async function readProcessors(client: RedfishClient, system: Resource, options?: CallOptions): Promise<readonly Processor[]> {
  const processors = (await readMembers(client, requireLink(system, 'Processors'), options)).map(decodeProcessor);
  return processors.filter(({ state }) => state !== 'Absent');
}

export function decodeProcessor({ body, path }: Resource): Processor {
  const fields = reader(body, path);
  const status = fields.child('Status');
  return {
    path,
    id: fields.text('Id') ?? fields.text('Socket'),
    type: fields.text('ProcessorType'),
    manufacturer: fields.text('Manufacturer'),
    model: fields.text('Model'),
    architecture: fields.text('ProcessorArchitecture'),
    instructionSet: fields.text('InstructionSet'),
    cores: fields.integer('TotalCores'),
    threads: fields.integer('TotalThreads'),
    speedMhz: fields.number('MaxSpeedMHz'),
    health: status.text('Health'),
    state: status.text('State'),
  };
}
