import { errorCode, FerricError } from '@ferric/core';
import type { Domain } from './client/domains.js';
import { domainProcedures } from './client/wire/procedures/domain.js';
import { applyEdits, type Edit } from './domain-xml/edits.js';
import { parseXml, type XmlDocument } from './domain-xml/document.js';
import type { Located, MachineCall } from './libvirt-machine.js';

/** Runs work that reads, edits and writes the definition of the machine, and nobody else in this process does at the same time. */
export async function withDefinition<T>(call: MachineCall, work: (located: Located) => Promise<T>): Promise<T> {
  const { uuid } = await call.find();
  return call.hypervisor.locks.run(uuid, call.deadline.signal, async () => work(await call.locate({ secure: true })));
}

/**
 * Edits the definition for the next start; everything that the edits do not name stays. Defines nothing when they change nothing.
 * @throws CONFLICT for a domain without a definition; what `edit` throws; what the daemon answers.
 */
export async function changeDefinition(call: MachineCall, edit: (located: Located) => Promise<readonly Edit[]>): Promise<void> {
  await withDefinition(call, async (located) => define(call, located, await edit(located)));
}

/** Writes a definition with these edits, if they change it. */
export async function define(call: MachineCall, { domain, document }: Located, edits: readonly Edit[]): Promise<void> {
  const xml = applyEdits(document, edits);
  if (xml === document.text) return;
  await requirePersistent(call, domain);
  await call.exchange((options) => call.client.domains.define(xml, options));
}

/**
 * @throws CONFLICT for a domain that has no definition: it is gone for good once it stops, and defining it would make another kind of it.
 */
export async function requirePersistent(call: MachineCall, domain: Domain): Promise<void> {
  if (await isPersistent(call, domain)) return;
  throw new FerricError('CONFLICT', `The domain ${domain.name} is transient: it has no definition, and is gone once it stops`, {
    details: { ...call.details, domain: domain.name },
    hint: 'Define it, for example with `virsh dumpxml` and `virsh define`.',
  });
}

async function isPersistent({ client, exchange }: MachineCall, domain: Domain): Promise<boolean> {
  try {
    return (await exchange((options) => client.call(domainProcedures.isPersistent, { domain }, options))) !== 0;
  } catch (error) {
    // Hypervisors whose driver does not know the question have defined domains only.
    if (errorCode(error) === 'UNSUPPORTED') return true;
    throw error;
  }
}

/** The definition of what runs now, which may differ from that for the next start. */
export async function readLive(call: MachineCall, domain: Domain): Promise<XmlDocument> {
  return parseXml(await call.exchange((options) => call.client.domains.xml(domain, {}, options)));
}
