import { randomUUID } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type PrivateLibvirtd, waitFor, type Witness } from '@ferric/lab';
import type { LibvirtClient } from '../../src/client/index.js';
import { machineXml } from './machine-xml.js';

/** Lifecycle events as short texts, `gap: reconnected` for a gap. */
export interface RecordedEvents extends AsyncDisposable {
  /** Of this domain, since they were recorded: `defined: added`. */
  of(name: string): readonly string[];
  readonly gaps: readonly string[];
  /** Waits until the domain has had these, one after the other, and nothing else. */
  expectOf(name: string, events: readonly string[]): Promise<void>;
  /** Makes a change by virsh until an event of it arrives. */
  waitUntilHeard(): Promise<void>;
  /** How the loop ended; undefined while it goes on. */
  readonly end: 'ended' | { readonly error: unknown } | undefined;
}

/** Listens, and resolves when the daemon's events are heard. */
export async function recordEvents(client: LibvirtClient, libvirtd: PrivateLibvirtd, witness: Witness): Promise<RecordedEvents> {
  const controller = new AbortController();
  const heard: { readonly name: string; readonly text: string }[] = [];
  const gaps: string[] = [];
  let end: RecordedEvents['end'];
  const listening = (async () => {
    try {
      for await (const event of client.events('lifecycle', { signal: controller.signal })) {
        if (event.kind === 'gap') gaps.push(event.reason);
        else heard.push({ name: event.domain.name, text: `${event.event}: ${event.detail}` });
      }
      end = 'ended';
    } catch (error) {
      end = { error };
    }
  })();
  const of = (name: string): readonly string[] => heard.filter((each) => each.name === name).map(({ text }) => text);
  const waitUntilHeard = async (): Promise<void> => {
    const name = `marker-${randomUUID()}`;
    const definition = join(libvirtd.directory, `${name}.xml`);
    writeFileSync(definition, machineXml(witness.hypervisor, { name, uuid: randomUUID() }));
    await waitFor('an event', () => {
      witness.command('define', definition);
      witness.command('undefine', name);
      return of(name).length > 0 ? true : undefined;
    });
    rmSync(definition);
  };
  const recorded: RecordedEvents = {
    of,
    gaps,
    waitUntilHeard,
    async expectOf(name, events) {
      const matches = (): true | undefined => (JSON.stringify(of(name)) === JSON.stringify(events) ? true : undefined);
      await waitFor(`the events ${events.join(', ')} of ${name}`, matches, { timeoutMs: 10_000 }).catch((error: unknown) => {
        throw new Error(`There were the events ${of(name).join(', ')} of ${name}`, { cause: error });
      });
    },
    get end() {
      return end;
    },
    async [Symbol.asyncDispose]() {
      controller.abort();
      await listening;
    },
  };
  await waitUntilHeard();
  return recorded;
}
