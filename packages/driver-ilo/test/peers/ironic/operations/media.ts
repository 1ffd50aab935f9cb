import { readdir } from 'node:fs/promises';
import { type NodeUnderTest, power, provision } from '../node-under-test.js';
import { clean } from './cleaning.js';
import { nextBoot, type Operations } from './operation.js';

/** What lies in the drives. */
function media({ ilo: { machine } }: NodeUnderTest): readonly (string | undefined)[] {
  return [machine.media.floppy.image, machine.media.cdrom.image];
}

/** The requests until the machine is switched on, without those that wait and without repetitions. */
function untilPowerOn(requests: readonly string[]): readonly string[] {
  const commands = requests.map((line) => line.replace('POST /ribcl ', '').replace(': 200', ''));
  const end = commands.findIndex((command) => command.startsWith('SET_HOST_POWER'));
  return commands.slice(0, end + 1).filter((command, index, all) => command !== all[index - 1] && command !== 'GET_PRODUCT_NAME');
}

export const CLEANING_BY_MEDIA: Operations = {
  'clean from the deploy ISO': async (node) => {
    const { ironic, ilo, ramdisk, deployIso, uuid } = node;
    const first = nextBoot(node);
    await power(node, 'power on');
    await first;
    node.takeRequests();
    const before = ilo.activity.latestOperations.length;
    const booted = nextBoot(node);
    const cleaned = await clean(node, 'reset_ilo_credential');
    const { source, image, floppyImage, isOneTime } = await booted;
    const [agent] = ramdisk.takeAgents();
    return {
      state: [cleaned['provision_state'], cleaned['power_state']],
      operations: ilo.activity.latestOperations.slice(before),
      requests: node.generation === 'gen8' ? untilPowerOn(node.takeRequests()) : undefined,
      booted: [source, isOneTime, image === deployIso, floppyImage === `${ironic.imagesUrl}/image-${uuid}`],
      floppy: agent?.floppy,
      left: [...media(node), ...(await readdir(ironic.published)).filter((name) => name.includes(uuid))],
    };
  },
};

export const MEDIA: Operations = {
  'boot into an ISO': async (node) => {
    const { ironic: { api }, uuid, deployIso } = node;
    const booted = nextBoot(node);
    // Another URL than that of the deploy ISO: no agent runs there.
    await api.ask('POST', `/v1/nodes/${uuid}/vendor_passthru?method=boot_into_iso`, { boot_iso_href: `${deployIso}?plain` });
    await api.settled(uuid);
    const { source, image, isOneTime } = await booted;
    return [source, isOneTime, image === `${deployIso}?plain`];
  },
  'deploy an ISO and give it back': async (node) => {
    const { ironic: { api }, uuid, deployIso, ilo } = node;
    await api.patch(uuid, { '/deploy_interface': 'ramdisk', '/automated_clean': false, '/instance_info/boot_iso': `${deployIso}?instance` });
    await provision(node, 'provide');
    const booted = nextBoot(node);
    const active = await provision(node, 'active');
    const { source, image, isOneTime } = await booted;
    const deployed = [active['provision_state'], active['power_state'], source, isOneTime, image === `${deployIso}?instance`];
    await power(node, 'power off');
    const again = nextBoot(node);
    await power(node, 'power on');
    const { source: next } = await again;
    const given = await provision(node, 'deleted');
    return { deployed, next, given: [given['provision_state'], given['power_state'], ilo.machine.power.state], left: media(node) };
  },
};
