import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { JsonValue } from '@ferric/core';
import type { Generation, VirtualIloDeviceOptions } from '@ferric/driver-ilo/simulator';
import type { IloRoom } from './ilo-room.js';

type Json = Record<string, JsonValue>;

/** Power commands that the machine was told, by the simulator's names for them. */
export type PowerCommands = Readonly<Partial<Record<'power on' | 'power off' | 'press power button' | 'reset server', number>>>;

/** Something that a client asks of the conductor and that needs the iLO. */
export interface IloOperation {
  readonly name: string;
  readonly generations: readonly Generation[];
  /** What is special with its machine. */
  readonly machine?: VirtualIloDeviceOptions;
  /** Brings the node to where it can be asked for; the iLO is there. */
  readonly prepare?: (room: IloRoom) => Promise<void>;
  readonly ask: (room: IloRoom) => Promise<unknown>;
  /** The node when all went well. */
  readonly done: Json;
  /** What is so at the machine when it is done. */
  readonly isMade?: (room: IloRoom) => boolean;
  /** Power commands that it takes, since the node was enrolled. Default: none. */
  readonly power?: PowerCommands;
  /** Whether nothing shows if it was done, when the answer got lost: it is told as that. Default: something does. */
  readonly isUnseen?: (generation: Generation, awayMs: number) => boolean;
  /** The most sessions at a time. Default 1. */
  readonly sessions?: number;
  /** False: it changes nothing. Default true. */
  readonly changes?: boolean;
}

const LICENCE_KEY = ['ABCDE', 'FGHIJ', 'KLMNO', 'PQRST', 'UVWXY'].join('-');
const NEXT_PASSWORD = 'Next-password-1';

/** Nothing answers at this address; only the iLO is told of it. */
const ISO = 'http://192.0.2.1/agent.iso';

export const call = async ({ running, uuid }: IloRoom, method: string, path: string, body: unknown): Promise<void> => {
  const { status, body: answer } = await running.call(method, `/v1/nodes/${uuid}${path}`, body);
  if (status >= 300) throw new Error(`${method} ${path} answered ${status}: ${JSON.stringify(answer)}`);
};

export const isFree = (node: Json): boolean => node['reservation'] === null;

async function provision(room: IloRoom, target: string, state: string): Promise<void> {
  await call(room, 'PUT', '/states/provision', { target });
  await room.until(`'${target}'`, (node) => isFree(node) && node['provision_state'] === state);
}

async function setPower(room: IloRoom, target: string): Promise<void> {
  await call(room, 'PUT', '/states/power', { target });
}

/** On, and its self-test over. */
async function switchOn(room: IloRoom): Promise<void> {
  await setPower(room, 'power on');
  await room.until('power on', (node) => isFree(node) && node['power_state'] === 'power on' && room.ilo.machine.power.postState === 'FinishedPost');
}

export const clean = (steps: readonly Json[]) => (room: IloRoom): Promise<void> =>
  call(room, 'PUT', '/states/provision', { target: 'clean', clean_steps: steps, disable_ramdisk: true });

export const step = (name: string, args?: Json, owner = 'management'): Json => ({ interface: owner, step: name, ...(args === undefined ? {} : { args }) });

const MANAGEABLE = { provision_state: 'manageable', target_provision_state: null, last_error: null, maintenance: false };

/** Calls whose client is told the outcome: by the answer, or by `last_error`. */
export const CALLS: readonly IloOperation[] = [
  { name: 'power on', generations: ['gen8', 'gen9', 'gen10'], ask: (room) => setPower(room, 'power on'), done: { power_state: 'power on' }, power: { 'power on': 1 } },
  {
    name: 'power off', generations: ['gen10'], prepare: switchOn, ask: (room) => setPower(room, 'power off'),
    done: { power_state: 'power off' }, power: { 'power on': 1, 'power off': 1 },
  },
  {
    name: 'soft power off', generations: ['gen9'], prepare: switchOn, ask: (room) => setPower(room, 'soft power off'),
    done: { power_state: 'power off' }, power: { 'power on': 1, 'press power button': 1 },
  },
  {
    name: 'rebooting', generations: ['gen8', 'gen10'], prepare: switchOn, ask: (room) => setPower(room, 'rebooting'),
    done: { power_state: 'power on' }, power: { 'power on': 1, 'reset server': 1 }, isMade: ({ ilo }) => ilo.activity.operations['reset server'] === 1,
    // RIBCL tells nothing of the self-test; and after ten minutes it is over everywhere.
    isUnseen: (generation, awayMs) => generation === 'gen8' || awayMs > 60_000,
  },
  {
    name: 'boot device', generations: ['gen8', 'gen10'], ask: (room) => call(room, 'PUT', '/management/boot_device', { boot_device: 'pxe', persistent: false }),
    done: {}, isMade: ({ device }) => device.state.bootDevice?.device === 'pxe',
  },
  {
    name: 'boot mode', generations: ['gen9'], ask: (room) => call(room, 'PUT', '/states/boot_mode', { target: 'bios' }),
    done: {}, isMade: ({ ilo }) => ilo.activity.changeCommands > 0,
  },
  {
    name: 'secure boot', generations: ['gen10'], ask: (room) => call(room, 'PUT', '/states/secure_boot', { target: true }),
    done: {}, isMade: ({ ilo }) => (ilo.activity.operations['set secure boot'] ?? 0) > 0,
  },
  {
    name: 'boot_into_iso', generations: ['gen10'],
    ask: (room) => call(room, 'POST', '/vendor_passthru?method=boot_into_iso', { boot_iso_href: ISO }),
    done: {}, isMade: ({ ilo }) => ilo.machine.power.isOn, power: { 'power on': 1 },
  },
];

/** Work that is promised to a client: it waits for an iLO that is away, and goes on. */
export const WORK: readonly IloOperation[] = [
  { name: 'inspect', generations: ['gen8', 'gen10'], changes: false, ask: (room) => call(room, 'PUT', '/states/provision', { target: 'inspect' }), done: MANAGEABLE },
  {
    name: 'reset_ilo_credential', generations: ['gen8', 'gen10'], ask: clean([step('reset_ilo_credential', { ilo_password: NEXT_PASSWORD })]), done: MANAGEABLE,
    // Whether the new password counts only another login shows, while nobody knows whether the old one still does.
    sessions: 2,
    isMade: ({ ilo }) => ilo.machine.accounts.withLogin(ilo.username)?.password.reveal() === NEXT_PASSWORD,
  },
  {
    name: 'reset_secure_boot_keys_to_default', generations: ['gen10'], ask: clean([step('reset_secure_boot_keys_to_default')]), done: MANAGEABLE,
    isMade: ({ ilo }) => (ilo.activity.operations['set secure boot keys'] ?? 0) > 0,
  },
  {
    name: 'reset_bios_to_default', generations: ['gen9'], ask: clean([step('reset_bios_to_default')]), done: MANAGEABLE,
    isMade: ({ ilo }) => (ilo.activity.operations['set bios'] ?? 0) > 0,
  },
  {
    name: 'reset_ilo', generations: ['gen10'], ask: clean([step('reset_ilo')]), done: MANAGEABLE, isMade: ({ ilo }) => (ilo.activity.operations['reset ilo'] ?? 0) > 0,
  },
  {
    name: 'activate_license', generations: ['gen10'], ask: clean([step('activate_license', { ilo_license_key: LICENCE_KEY })]), done: MANAGEABLE,
    isMade: ({ ilo }) => (ilo.activity.operations['activate licence'] ?? 0) > 0,
  },
  {
    name: 'update_firmware', generations: ['gen10'], done: MANAGEABLE,
    ask: async (room) => {
      const { url, checksum } = await serveFirmware(room);
      await clean([step('update_firmware', { firmware_update_mode: 'ilo', firmware_images: [{ url, checksum, component: 'ilo' }] })])(room);
    },
    isMade: ({ ilo }) => (ilo.activity.operations['update firmware'] ?? 0) > 0,
  },
  {
    name: 'BIOS settings', generations: ['gen9', 'gen10'], done: MANAGEABLE,
    ask: clean([step('apply_configuration', { settings: [{ name: 'AdminName', value: 'Somebody' }] }, 'bios')]),
    isMade: ({ ilo }) => (ilo.activity.operations['set bios'] ?? 0) > 0,
  },
  {
    name: 'disk arrays', generations: ['gen10'], machine: { withLogicalDrive: false }, done: { ...MANAGEABLE, power_state: 'power off' },
    prepare: async (room) => call(room, 'PUT', '/states/raid', { logical_disks: [{ raid_level: '1', size_gb: 'MAX', is_root_volume: true }] }),
    ask: clean([step('create_configuration', {}, 'raid')]),
    isMade: ({ ilo }) => ilo.machine.storage.logicalDrives.length === 1, power: { 'power on': 1, 'power off': 1 },
  },
  {
    name: 'deploy', generations: ['gen8', 'gen9', 'gen10'], prepare: prepareDeployment, ask: (room) => call(room, 'PUT', '/states/provision', { target: 'active' }),
    done: { provision_state: 'wait call-back', target_provision_state: 'active', last_error: null, maintenance: false, power_state: 'power on' },
    isMade: ({ ilo }) => ilo.machine.power.isOn && ilo.machine.media.cdrom.image === ISO, power: { 'power on': 1 },
  },
  {
    name: 'tear down', generations: ['gen10'],
    async prepare(room) {
      await prepareDeployment(room);
      await provision(room, 'active', 'wait call-back');
    },
    ask: (room) => call(room, 'PUT', '/states/provision', { target: 'deleted' }),
    done: { provision_state: 'available', target_provision_state: null, last_error: null, maintenance: false, power_state: 'power off' },
    isMade: ({ ilo }) => !ilo.machine.power.isOn && ilo.machine.media.cdrom.image === undefined, power: { 'power on': 1, 'power off': 1 },
  },
];

async function prepareDeployment(room: IloRoom): Promise<void> {
  await call(room, 'PATCH', '', [
    { op: 'add', path: '/driver_info/deploy_iso', value: ISO },
    { op: 'add', path: '/instance_info/image_source', value: 'http://192.0.2.1/image.qcow2' },
    { op: 'add', path: '/instance_info/image_checksum', value: '0'.repeat(64) },
  ]);
  await provision(room, 'provide', 'available');
}

/** enroll -> manageable. */
export const manage = (room: IloRoom): Promise<void> => provision(room, 'manage', 'manageable');

async function serveFirmware(room: IloRoom): Promise<{ readonly url: string; readonly checksum: string }> {
  const image = Buffer.from('firmware of an iLO');
  const server = createServer((_request, response) => void response.end(image));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  room.own(() => server.close().closeAllConnections());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/ilo5.bin`, checksum: createHash('sha256').update(image).digest('hex') };
}
