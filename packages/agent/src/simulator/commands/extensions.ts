import { hostname } from 'node:os';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { type JsonValue, Secret } from '@ferric/core';
import { checkImageInfo, prepareImage } from '../image/prepare-image.js';
import { tarArchive } from '../wire/tar.js';
import { CommandFailure } from './command-failure.js';
import type { CommandDefinition } from './command.js';
import { stepCommands } from './step-commands.js';

type Extension = ReadonlyMap<string, CommandDefinition>;

/** A command that takes nothing. */
function simple(functionName: string, kind: CommandDefinition['kind'], run: CommandDefinition['run']): CommandDefinition {
  return { kind, functionName, required: [], optional: [], run };
}

const standby: Extension = new Map<string, CommandDefinition>([
  ['prepare_image', {
    kind: 'asynchronous',
    functionName: 'StandbyExtension.prepare_image',
    required: [],
    optional: ['image_info', 'configdrive'],
    validate: ({ image_info: image }) => void checkImageInfo(image),
    run: (workplace, { image_info: image, configdrive }) => prepareImage(workplace, checkImageInfo(image), configdrive),
  }],
  ['get_partition_uuids', simple('StandbyExtension.get_partition_uuids', 'synchronous', ({ written }) => written?.partitionUuids ?? {})],
  ['sync', simple('StandbyExtension.sync', 'synchronous', async (workplace) => {
    await workplace.sync();
    return null;
  })],
  ['power_off', simple('StandbyExtension.power_off', 'asynchronous', shutDown('power off'))],
  ['run_image', simple('StandbyExtension.run_image', 'asynchronous', shutDown('reboot'))],
]);

function shutDown(how: 'power off' | 'reboot'): CommandDefinition['run'] {
  return async (workplace): Promise<JsonValue> => {
    await workplace.sync();
    workplace.shutDown(how);
    return null;
  };
}

const image: Extension = new Map<string, CommandDefinition>([
  ['install_bootloader', {
    kind: 'asynchronous',
    functionName: 'ImageExtension.install_bootloader',
    required: ['root_uuid'],
    optional: ['efi_system_part_uuid', 'prep_boot_part_uuid', 'target_boot_mode', 'ignore_bootloader_failure'],
    // A whole disk image brings its own; others are refused before they are written. Real agents need a while to find that out.
    run: () => nextTurn(null),
  }],
]);

const rescue: Extension = new Map<string, CommandDefinition>([
  ['finalize_rescue', {
    kind: 'synchronous',
    functionName: 'RescueExtension.finalize_rescue',
    required: [],
    optional: ['rescue_password', 'hashed'],
    async run(workplace, { rescue_password: password = '', hashed = false }) {
      if (typeof password !== 'string') throw new TypeError('the password is no text');
      if (hashed !== true) throw new CommandFailure('CommandExecutionError', 'This agent takes rescue passwords only as a hash.');
      await workplace.setRescuePassword(new Secret(password));
      workplace.leave('rescued');
      return null;
    },
  }],
]);

const system: Extension = new Map<string, CommandDefinition>([
  ['lockdown', simple('SystemExtension.lockdown', 'synchronous', (workplace) => {
    workplace.leave('locked down');
    return null;
  })],
]);

const log: Extension = new Map<string, CommandDefinition>([
  ['collect_system_logs', simple('LogExtension.collect_system_logs', 'synchronous', ({ logLines, clock }) => ({
    system_logs: packLogs(logLines, clock.now()),
  }))],
]);

/** The log as the agent sends it: base64 of a tar.gz with the file `journal`. */
export function packLogs(lines: readonly string[], at: Date): string {
  const content = Buffer.from(`${[`-- Log of ${hostname()} --`, ...lines].join('\n')}\n`, 'utf8');
  return gzipSync(tarArchive([{ name: 'journal', content, at }])).toString('base64');
}

const poll: Extension = new Map<string, CommandDefinition>([
  ['get_hardware_info', simple('PollExtension.get_hardware_info', 'synchronous', ({ inventory }) => inventory)],
]);

/** All extensions by name, and their commands by name. Source: ironic-python-agent, ironic_python_agent/extensions. */
export const EXTENSIONS: ReadonlyMap<string, Extension> = new Map<string, Extension>([
  ['standby', standby],
  ['image', image],
  ['rescue', rescue],
  ['system', system],
  ['log', log],
  ['poll', poll],
  ['clean', stepCommands('clean')],
  ['deploy', stepCommands('deploy')],
  ['service', stepCommands('service')],
]);
