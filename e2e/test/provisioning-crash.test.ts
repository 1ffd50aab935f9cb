import type { ServerResponse } from 'node:http';
import { waitFor } from '@ferric/lab';
import { describe, expect, test } from 'vitest';
import { type RunningConductor, startConductor } from '../support/conductor.js';
import { type ImageServer, randomImage, startImageServer } from '../support/image-server.js';
import { createBootFiles, enrolMachine, QUICK, scriptByPort, type SimulatedMachine, startSimulatedMachine } from '../support/simulated-machine.js';
import { createTemporaryFolder } from '../support/temporary-folder.js';

const MEBIBYTE = 1024 ** 2;
const NODE = 'killed';

interface Scene {
  readonly conductor: RunningConductor;
  readonly machine: SimulatedMachine;
  readonly images: ImageServer;
  readonly image: Buffer;
}

interface Moment {
  readonly when: string;
  /** Resolves at the moment at which the conductor is to be killed. */
  reached(scene: Scene): Promise<void>;
  /** Called when it is dead. */
  after?(): void;
}

/** Until the timeline of the node has such an entry. */
async function told({ conductor }: Scene, entry: RegExp): Promise<void> {
  await waitFor(`the timeline to tell of ${String(entry)}`, async () => {
    const entries = await conductor.api.timeline(NODE);
    return entries.some(({ type, message }) => entry.test(`${type} ${message}`)) ? true : undefined;
  });
}

/** A download that stops half way until the test lets it go on. */
function heldDownload(): { begin: (scene: Scene) => Promise<void>; release: () => void } {
  let release = (): void => undefined;
  return {
    begin: ({ images }) =>
      new Promise<void>((resolve) => {
        images.answerWith('killed.img', (response: ServerResponse, image) => {
          response.writeHead(200, { 'Content-Length': image.length });
          response.write(image.subarray(0, MEBIBYTE));
          release = () => void response.end(image.subarray(MEBIBYTE));
          resolve();
        });
      }),
    release: () => release(),
  };
}

const held = heldDownload();

const MOMENTS: readonly Moment[] = [
  { when: 'before the machine boots', reached: async () => undefined },
  { when: 'while it waits for the call-back', reached: (scene) => told(scene, /^boot-script-served/) },
  { when: 'while the image is written', reached: (scene) => held.begin(scene), after: () => held.release() },
  { when: 'between two steps', reached: (scene) => told(scene, /^step-finished deploy step deploy\.write_image|^step-started .*prepare_instance_boot/) },
  { when: 'while the machine is switched off', reached: (scene) => told(scene, /^step-started .*tear_down_agent/) },
];

describe('a conductor that is killed in the middle of a deployment, and started again', () => {
  test.each(MOMENTS)('$when: the machine ends as it should, and the image is written once', async ({ reached, after }) => {
    await using files = await createBootFiles();
    await using images = await startImageServer();
    await using data = await createTemporaryFolder();
    await using first = await startConductor({ dataDir: data.path, args: files.args });
    await using machine = await startSimulatedMachine({ scriptUrl: scriptByPort(first), pacing: { ...QUICK, shutdownMs: 300 } });
    const image = randomImage(4 * MEBIBYTE);
    await enrolMachine(first, machine, NODE);
    await first.api.provision(NODE, 'provide', 'available');
    await first.api.call('PATCH', `/v1/nodes/${NODE}`, [{ op: 'add', path: '/instance_info', value: images.offer('killed.img', image) }] as never);

    const moment = reached({ conductor: first, machine, images, image });
    await first.api.call('PUT', `/v1/nodes/${NODE}/states/provision`, { target: 'active' });
    await moment;
    await first.kill();
    after?.();

    await using second = await startConductor({ dataDir: data.path, port: first.port, args: files.args });
    const node = await second.api.waitForNode(NODE, (seen) => seen['provision_state'] === 'active' && seen['reservation'] === null, { timeoutMs: 40_000 });
    expect(node).toMatchObject({ power_state: 'power on', last_error: null, deploy_step: {} });
    expect((await machine.disk.read(0, image.length)).equals(image)).toBe(true);
    expect(images.downloads.get('killed.img')).toBe(1);
    await expect.poll(() => machine.boot.running.kind).toBe('disk');
  }, 90_000);
});
