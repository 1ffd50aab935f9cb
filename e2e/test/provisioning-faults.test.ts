import type { AgentFault } from '@ferric/agent/simulator';
import type { JsonObject } from '@ferric/core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ImageServer, type OfferedImage, randomImage } from '../support/image-server.js';
import type { Resource } from '../support/ironic-client.js';
import { enrolMachine, type Provisioning, scriptByPort, type SimulatedMachine, startProvisioning, startSimulatedMachine } from '../support/simulated-machine.js';

const MEBIBYTE = 1024 ** 2;
/** How long a conductor waits for a machine in these tests, in place of half an hour. */
const CALLBACK_TIMEOUT_MS = 2500;

interface Setting {
  readonly machine: SimulatedMachine;
  readonly image: OfferedImage;
  readonly images: ImageServer;
  /** Resolves once the conductor has refused something that the agent of this machine said. */
  readonly refused: () => Promise<void>;
}

interface Fault {
  readonly what: string;
  /** Spoils something before the deployment. Yields what differs in instance_info. */
  readonly spoil?: (setting: Setting) => JsonObject | undefined;
  /** Goes wrong in the machine's agent from the beginning. */
  readonly agent?: AgentFault;
  readonly node?: JsonObject;
  readonly diskBytes?: number;
  /** What the person who reads last_error is told. */
  readonly says: RegExp;
  /** What the timeline tells besides. */
  readonly tells?: RegExp;
}

const FAULTS: readonly Fault[] = [
  { what: 'the agent never calls', agent: { kind: 'never calls' }, says: /Timeout reached while waiting for callback.*fetched its boot files.*never called.*console/s },
  {
    what: 'the MAC address of the port is another',
    node: { wrongPort: true },
    says: /Timeout reached.*never asked for its boot script.*MAC address is that of a port/s,
  },
  { what: 'the image is not there', spoil: ({ images }) => ({ image_source: `${images.url}/gone.img` }), says: /write_image.*gone\.img.*404/s },
  { what: 'the checksum is wrong', spoil: () => ({ image_os_hash_value: 'ab'.repeat(32) }), says: /write_image.*(checksum|verif).*abababab/is },
  { what: 'the disk is too small', diskBytes: 2 * MEBIBYTE, says: /write_image.*(No suitable device|too small|larger)/s },
  { what: 'the agent answers status 500', agent: { kind: 'server error' }, says: /agent at 127\.0\.0\.1:\d+ failed inside.*boot the ramdisk again/s },
  { what: 'the agent answers garbage', agent: { kind: 'garbage' }, says: /127\.0\.0\.1:\d+ does not speak HTTP.*what listens there/s },
  { what: 'the agent closes half way', agent: { kind: 'half frame' }, says: /127\.0\.0\.1:\d+ does not speak HTTP.*length does not match/s },
  { what: 'the agent has a wrong token', agent: { kind: 'wrong token' }, says: /Timeout reached.*looked its node up.*refused/s, tells: /agent-refused.*token/ },
  {
    what: 'heartbeats come from another address than the first',
    spoil({ machine, images, refused }) {
      images.answerWith('fault.img', (response, image) => {
        machine.boot.faults.inject({ kind: 'other address' });
        response.writeHead(200, { 'Content-Length': image.length });
        // A heartbeat that left before would be heard after the image was written, and end the step.
        void refused().finally(() => response.end(image));
      });
      return undefined;
    },
    says: /Timeout reached.*last heard of/s, tells: /agent-refused.*callback_url/,
  },
  { what: 'a step fails in the agent', agent: { kind: 'step failure', step: 'write_image', message: 'the disk has bad sectors' }, says: /write_image.*the disk has bad sectors/s },
  {
    what: 'the machine loses its power in the middle',
    spoil({ machine, images }) {
      images.answerWith('fault.img', (response, image) => {
        response.writeHead(200, { 'Content-Length': image.length });
        response.write(image.subarray(0, MEBIBYTE));
        machine.device.state.power = 'power off';
      });
      return undefined;
    },
    says: /Timeout reached.*last heard of.*image to be written/s,
  },
  {
    what: 'the controller refuses to switch',
    spoil({ machine, images }) {
      images.answerWith('fault.img', (response, image) => {
        machine.device.faults.inject({ kind: 'command failure' });
        response.writeHead(200, { 'Content-Length': image.length }).end(image);
      });
      return undefined;
    },
    says: /Failed to deploy node.*(tear_down_agent|boot_instance)/s,
  },
  { what: 'the kernel cannot be fetched', node: { driver_info: { deploy_kernel: 'http://127.0.0.1:1/none' } }, says: /Timeout reached.*fetched its boot script.*but not the kernel|never called/s },
];

describe('a deployment in which something goes wrong ends in deploy failed, and says what to do', () => {
  let provisioning: Provisioning;

  beforeAll(async () => {
    provisioning = await startProvisioning([
      '--deploy-callback-timeout-ms', String(CALLBACK_TIMEOUT_MS), '--reconcile-interval-ms', '200', '--device-timeout-ms', '3000',
    ]);
  });
  afterAll(() => provisioning[Symbol.asyncDispose]());

  test.concurrent.each(FAULTS)('$what', { timeout: 60_000 }, async ({ what, spoil, agent, node = {}, diskBytes, says, tells }) => {
    const { conductor, images } = provisioning;
    const { api } = conductor;
    const name = what.replaceAll(' ', '-');
    await using machine = await startSimulatedMachine({ scriptUrl: scriptByPort(conductor), ...(diskBytes === undefined ? {} : { diskBytes }) });
    const { wrongPort, driver_info: driverInfo = {}, ...fields } = node as { readonly wrongPort?: boolean; readonly driver_info?: JsonObject };
    const uuid = await enrolMachine(conductor, machine, name, { ...fields, driver_info: { ...(machine.device.driverInfo as JsonObject), ...driverInfo } });
    if (wrongPort === true) await moveAway(uuid, machine.mac);
    const image = images.offer(what === 'the image is not there' ? 'present.img' : `${name}.img`, randomImage(3 * MEBIBYTE));
    const refused = (): Promise<void> => expect.poll(async () => (await api.timeline(name)).map(({ type }) => type), { timeout: 10_000 }).toContain('agent-refused');
    const spoiled = spoil?.({ machine, image, refused, images: { ...images, answerWith: (_name, answer) => images.answerWith(`${name}.img`, answer) } });
    if (agent !== undefined) machine.boot.faults.inject(agent);
    await api.provision(name, 'provide', 'available');
    await api.call('PATCH', `/v1/nodes/${name}`, [{ op: 'add', path: '/instance_info', value: { ...image, ...spoiled } }] as never);
    await api.call('PUT', `/v1/nodes/${name}/states/provision`, { target: 'active' });
    const failed = await api.waitForNode(name, isEnded, { timeoutMs: 50_000 });
    expect(failed).toMatchObject({ provision_state: 'deploy failed', target_provision_state: 'active', maintenance: false });
    expect(failed['last_error']).toMatch(says);
    expect(failed['last_error']).not.toMatch(/agent_token/);
    const { token } = machine.boot.agent ?? {};
    if (token !== undefined) expect(failed['last_error']).not.toContain(token.reveal());
    if (tells !== undefined) expect((await api.timeline(name)).map(({ type, message }) => `${type} ${message}`).join('\n')).toMatch(tells);

    // Whoever mends the cause can go on.
    machine.boot.faults.clear();
    machine.device.faults.clear();
    await api.provision(name, 'deleted', 'available');
  });

  async function moveAway(nodeUuid: string, mac: string): Promise<void> {
    const { api } = provisioning.conductor;
    const { ports } = await api.call('GET', `/v1/nodes/${nodeUuid}/ports`);
    const [port] = ports as unknown as readonly Resource[];
    await api.call('PATCH', `/v1/ports/${port?.uuid}`, [{ op: 'replace', path: '/address', value: mac.replace(/..$/, '00') }] as never);
  }

  test('a config drive that is none is refused before anything happens to the machine', async () => {
    const { conductor, images } = provisioning;
    const { api } = conductor;
    await using machine = await startSimulatedMachine({ scriptUrl: scriptByPort(conductor) });
    await enrolMachine(conductor, machine, 'bad-config-drive');
    await api.provision('bad-config-drive', 'provide', 'available');
    const image = images.offer('good.img', randomImage(MEBIBYTE));
    await api.call('PATCH', '/v1/nodes/bad-config-drive', [{ op: 'add', path: '/instance_info', value: image }] as never);
    const refused = await api.request('PUT', '/v1/nodes/bad-config-drive/states/provision', { body: { target: 'active', configdrive: 'this is not base64!' } });
    expect([refused.status, refused.fault()]).toEqual([400, 'Invalid configdrive format: it is neither a JSON, nor a URL, nor a base64 string']);
    const notGzip = Buffer.from('not a gzip').toString('base64');
    await api.call('PUT', '/v1/nodes/bad-config-drive/states/provision', { target: 'active', configdrive: notGzip });
    const failed = await api.waitForNode('bad-config-drive', isEnded);
    expect(failed).toMatchObject({ provision_state: 'deploy failed', last_error: expect.stringMatching(/config ?drive.*gzip/is) });
    expect(machine.boot.boots).toBe(0);
  });
});

function isEnded(node: Resource): boolean {
  return node['reservation'] === null && ['active', 'deploy failed'].includes(String(node['provision_state']));
}
