import { expectTypeOf, it } from 'vitest';
import { createLibvirtClient, domainProcedures, type EventGap, type LibvirtEvent, type RpcStream } from './index.js';

it('types calls by their procedure, and events by their kind', () => {
  const client = createLibvirtClient();
  const domain = { name: 'vm', uuid: '', id: 1 };
  expectTypeOf(client.call(domainProcedures.getState, { domain, flags: 0 })).resolves.toEqualTypeOf<{ state: number; reason: number }>();
  // @ts-expect-error: the flags are missing.
  void client.call(domainProcedures.getState, { domain });
  expectTypeOf(client.openStream(domainProcedures.screenshot, { domain, screen: 0, flags: 0 })).resolves.toEqualTypeOf<RpcStream<string | null>>();
  type Item = (LibvirtEvent & { kind: 'lifecycle' }) | EventGap;
  expectTypeOf(client.events('lifecycle')).toExtend<AsyncIterable<Item>>();
  // @ts-expect-error: there is no such kind.
  client.events('sunrise');
});
