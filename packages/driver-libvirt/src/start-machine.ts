import type { CallOptions } from '@ferric/core';
import type { Domain } from './client/domains.js';
import { endBootOnce } from './boot-once.js';
import { define } from './definition.js';
import { readMarks } from './domain-xml/marks.js';
import { isUnknownFlag } from './libvirt-answers.js';
import type { Machine, MachineCall } from './libvirt-machine.js';

/** The start of a machine, with what its definition asks for in this one start. */
export interface Start {
  /** The one command that starts it. */
  readonly send: (options: CallOptions) => Promise<unknown>;
  /** To be called once the machine shows that it runs: puts the definition back to what lasts. Never throws. */
  settle(): Promise<void>;
}

/** Looks at what the next start needs. To be used within one turn of the domain's lock. */
export async function prepareStart(machine: Machine, call: MachineCall): Promise<Start> {
  const { domain, document } = await call.locate();
  const marks = readMarks(document);
  const freshVariables = marks['reset-nvram'] !== undefined;
  return {
    send: (options) => create(machine, call, domain, { ...options, freshVariables }),
    async settle() {
      if (marks['boot-once'] === undefined && !freshVariables) return;
      try {
        const located = await call.locate({ secure: true });
        await define(call, located, endBootOnce(located.document, { 'reset-nvram': null }));
      } catch (error) {
        // The machine runs, which is what was asked for. The mark stays, and the next change finds that it is used up.
        machine.logger.warn({ ...call.details, domain: domain.name, error }, 'What counted for one start only could not be put back yet');
      }
    },
  };
}

async function create(
  { logger }: Machine,
  { client, details }: MachineCall,
  domain: Domain,
  { freshVariables, ...options }: CallOptions & { readonly freshVariables: boolean },
): Promise<unknown> {
  if (!freshVariables) return client.domains.create(domain, options);
  try {
    return await client.domains.create(domain, { ...options, resetNvram: true });
  } catch (error) {
    if (!isUnknownFlag(error)) throw error;
    // libvirt before 8.1 has no such flag, and has started nothing.
    logger.warn({ ...details, domain: domain.name }, 'This daemon cannot renew firmware variables: the machine starts with those of its last firmware');
    return client.domains.create(domain, options);
  }
}
