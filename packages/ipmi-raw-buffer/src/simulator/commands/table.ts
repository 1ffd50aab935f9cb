import { APPLICATION_COMMANDS } from './application.js';
import { BOOT_COMMANDS } from './boot.js';
import { BRIDGE_COMMANDS } from './bridge.js';
import { CHANNEL_COMMANDS } from './channel.js';
import { CHASSIS_COMMANDS } from './chassis.js';
import { FRU_COMMANDS } from './fru.js';
import { type CommandDefinition, type CommandHandlers, commandKey } from './handlers.js';
import { LAN_COMMANDS } from './lan.js';
import { PAYLOAD_COMMANDS } from './payload.js';
import { SDR_COMMANDS } from './sdr.js';
import { SEL_COMMANDS } from './sel.js';
import { SENSOR_COMMANDS } from './sensors.js';
import { SESSION_COMMANDS } from './session-commands.js';
import { SOL_COMMANDS } from './sol-parameters.js';
import { USER_COMMANDS } from './user-commands.js';

/** Commands by network function and command. */
export type CommandTable = ReadonlyMap<string, CommandDefinition>;

const OWN: CommandTable = new Map(
  [
    APPLICATION_COMMANDS, BOOT_COMMANDS, BRIDGE_COMMANDS, CHANNEL_COMMANDS, CHASSIS_COMMANDS, FRU_COMMANDS, LAN_COMMANDS, PAYLOAD_COMMANDS, SDR_COMMANDS,
    SEL_COMMANDS, SENSOR_COMMANDS, SESSION_COMMANDS, SOL_COMMANDS, USER_COMMANDS,
  ].flatMap((definitions) => definitions.map((definition) => [commandKey(definition.netFn, definition.command), definition] as const)),
);

/** The BMC's own commands, with those of the user in place of or beside them. A user's command takes no more than the user level. */
export function commandTable(handlers: CommandHandlers): CommandTable {
  const further = Object.entries(handlers).map(([key, handle]) => {
    const [netFn = 0, command = 0] = key.split('/').map((digits) => Number.parseInt(digits, 16));
    const own = OWN.get(key);
    const definition: CommandDefinition = { privilege: 'user', ...own, least: 0, netFn, command, handle };
    return [key, definition] as const;
  });
  return further.length === 0 ? OWN : new Map([...OWN, ...further]);
}
