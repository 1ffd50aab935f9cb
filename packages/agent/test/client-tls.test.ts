import { Secret } from '@ferric/core';
import { afterEach, describe, expect, test } from 'vitest';
import { createAgentClient, type Agent } from '../src/index.js';
import { certificate, startAgentServer, type AgentServer, type CertificateName } from './support/agent-server.js';
import { createHastyClock } from './support/hasty-clock.js';

const cleanUps: AsyncDisposable[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp[Symbol.asyncDispose]();
});

async function start(shows: CertificateName | undefined, trusts: CertificateName | undefined, scheme = 'https'): Promise<{ agent: Agent; server: AgentServer }> {
  const server = await startAgentServer({ ...(shows === undefined ? {} : { certificate: shows }), answer: () => ({ json: { commands: [] } }) });
  const agent = createAgentClient({
    url: `${scheme}://${server.address}`, token: new Secret('x'.repeat(43)), clock: createHastyClock(),
    verifyCa: trusts === undefined ? undefined : certificate(trusts),
  });
  cleanUps.push(server, agent);
  return { agent, server };
}

describe('an agent with the certificate that it made', () => {
  test('is trusted by exactly this certificate, which is none of an authority', async () => {
    const { agent, server } = await start('agent', 'agent');
    expect(await agent.commands()).toEqual([]);
    expect(server.requests).toHaveLength(1);
  });

  test.each<[string, CertificateName | undefined, CertificateName | undefined, string]>([
    ['another key', 'agent', 'other-boot', 'DEPTH_ZERO_SELF_SIGNED_CERT'],
    ['the certificate of another host, although it is the very one', 'other-host', 'other-host', 'ERR_TLS_CERT_ALTNAME_INVALID'],
    ['one that has expired', 'expired', 'expired', 'CERT_HAS_EXPIRED'],
    ['no certificate to trust, and none of an authority', 'agent', undefined, 'DEPTH_ZERO_SELF_SIGNED_CERT'],
    ['no TLS at all', undefined, 'agent', 'ERR_SSL_'],
  ])('is not trusted with %s, and not asked anything', async (_what, shows, trusts, reason) => {
    const { agent, server } = await start(shows, trusts);
    const failure = { code: 'TLS_UNTRUSTED', retryable: false, details: { reason: expect.stringContaining(reason) as string, address: server.address } };
    await expect(agent.commands()).rejects.toMatchObject(failure);
    await expect(agent.execute('standby.sync', {}, { wait: true })).rejects.toMatchObject(failure);
    expect(server.requests).toEqual([]);
    // Once for each call: what is not trusted is not tried again.
    expect(server.opened).toBe(2);
  });
});

test('http to an agent that speaks TLS reveals nothing and fails', async () => {
  const { agent, server } = await start('agent', undefined, 'http');
  await expect(agent.commands()).rejects.toMatchObject({ code: expect.stringMatching(/UNREACHABLE|PROTOCOL_FAULT/) as string });
  expect(server.requests).toEqual([]);
});
