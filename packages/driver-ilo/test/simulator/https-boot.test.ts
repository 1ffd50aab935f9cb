import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { createSelfSignedCertificate } from '@ferric/core/testing';
import { expect, test } from 'vitest';
import type { BootRecord, MachineOptions } from '../../src/simulator/index.js';
import { Machine } from '../../src/simulator/machine/machine.js';

/** A server with one image, and a certificate that nobody knows. */
async function startImageServer(): Promise<AsyncDisposable & { readonly url: string; readonly certificate: string; readonly asked: string[] }> {
  const { certificate, privateKey } = await createSelfSignedCertificate({ names: ['127.0.0.1'], now: new Date() });
  const asked: string[] = [];
  const server = createServer({ cert: certificate, key: privateKey }, (request, response) => {
    asked.push(`${request.method} ${request.url}`);
    response.writeHead(request.url === '/agent.iso' ? 200 : 404).end();
  });
  // Firmware that does not trust it hangs up.
  server.on('tlsClientError', () => undefined);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    certificate, asked,
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.close().closeAllConnections();
      await once(server, 'close');
    },
  };
}

interface Trial extends Partial<MachineOptions> {
  readonly url: string;
  readonly trusted?: readonly string[];
}

/** A machine that is told to boot from an address, and its first start. */
async function startFrom({ url, trusted = [], ...options }: Trial): Promise<{ readonly record: BootRecord; readonly log: string }> {
  using machine = new Machine('test', { username: 'u', password: 'password' }, { generation: 'gen10', post: { inPostMs: 0, discoveryCompleteMs: 0, heldForReads: 0 }, ...options });
  machine.bios.change({ UrlBootFile: url });
  machine.trustedCertificates.add(trusted);
  machine.boot.override = { enabled: 'Once', target: 'UefiHttp', uefiTarget: 'None' };
  const booted = Promise.withResolvers<BootRecord>();
  using _watch = machine.boot.watch(booted.resolve);
  machine.power.switchOn();
  const record = await booted.promise;
  return { record, log: machine.managementLog.entries.map(({ text }) => text).join('\n') };
}

test('firmware boots from an https address whose certificate it trusts', async () => {
  await using server = await startImageServer();
  const url = `${server.url}/agent.iso`;
  const { record } = await startFrom({ url, trusted: [server.certificate] });
  expect(record).toMatchObject({ source: 'http', image: url, httpsFailure: undefined, isOneTime: true });
  expect(server.asked).toEqual(['HEAD /agent.iso']);
});

test('firmware passes over an address whose certificate it does not trust, and asks for nothing there', async () => {
  await using server = await startImageServer();
  const stranger = await createSelfSignedCertificate({ names: ['127.0.0.1'], commonName: 'somebody else', now: new Date() });
  for (const trusted of [[], [stranger.certificate]]) {
    const { record, log } = await startFrom({ url: `${server.url}/agent.iso`, trusted });
    expect(record).toMatchObject({ source: 'disk', image: undefined, httpsFailure: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
    expect(log).toContain(`HTTP boot: ${server.url}/agent.iso cannot be loaded`);
  }
  expect(server.asked).toEqual([]);
});

test.each<[string, Partial<Trial>, string | undefined]>([
  ['nothing is at the address', { url: '/other.iso' }, 'the server answers 404'],
  ['nobody listens', { url: 'https://127.0.0.1:1/agent.iso' }, 'ECONNREFUSED'],
  ['the firmware is in BIOS mode', { url: '/agent.iso', bootMode: 'bios' }, undefined],
])('firmware boots its disk when %s', async (_when, { url = '', ...trial }, httpsFailure) => {
  await using server = await startImageServer();
  const { record } = await startFrom({ ...trial, url: url.startsWith('/') ? `${server.url}${url}` : url, trusted: [server.certificate] });
  expect(record.source).not.toBe('http');
  expect(record.httpsFailure).toBe(httpsFailure);
});

test('a machine that goes off while its firmware loads has not booted', async () => {
  await using server = await startImageServer();
  using machine = new Machine('test', { username: 'u', password: 'password' }, { generation: 'gen10', post: { inPostMs: 0, discoveryCompleteMs: 0, heldForReads: 0 } });
  machine.bios.change({ UrlBootFile: `${server.url}/agent.iso` });
  machine.boot.override = { enabled: 'Continuous', target: 'UefiHttp', uefiTarget: 'None' };
  machine.power.put(true);
  machine.power.put(false);
  expect(machine.boot.records).toEqual([]);
  const booted = Promise.withResolvers<BootRecord>();
  using _watch = machine.boot.watch(booted.resolve);
  machine.power.put(true);
  await booted.promise;
  expect(machine.boot.records).toHaveLength(1);
});
