import { FerricError } from '@ferric/core';
import { decodeSystemFacts, findAction, pushPowerButton, resetSystem, resetTypes, type Resource } from '@ferric/redfish';
import type { RestCall, RibclCall } from '../operations/perform.js';
import {
  holdPowerButton, pressPowerButton, readHostPower, readProductName, resetServer, type RibclAcknowledgement, type RibclCommand, setHostPower,
} from '../ribcl/index.js';
import type { PowerCommand } from './power-plan.js';
import { type PowerView, viewOfRibcl, viewOfSystem } from './power-view.js';

/** How the power is looked at and changed, whatever the controller speaks. */
export interface PowerBackEnd {
  look(): Promise<PowerView>;
  /** Sends a command once. */
  send(command: PowerCommand): Promise<void>;
  /** Whether the server shares its power with others in an enclosure. */
  isBlade(): Promise<boolean>;
}

/** Ways to give each command, the best first: a kind of reset, or a push on the vendor's button. Source: HPE iLO RESTful API, "Power". */
const WAYS: Readonly<Record<PowerCommand, readonly (readonly ['reset' | 'button', string])[]>> = {
  on: [['reset', 'On']],
  hold: [['button', 'PressAndHold'], ['reset', 'ForceOff']],
  restart: [['reset', 'ForceRestart']],
  press: [['button', 'Press'], ['reset', 'PushPowerButton'], ['reset', 'GracefulShutdown']],
};

export function restPower(call: RestCall): PowerBackEnd {
  let system: Resource | undefined;
  const read = async (): Promise<Resource> => (system = await call.system());
  return {
    look: async () => viewOfSystem(await read()),
    async send(command) {
      const present = system ?? (await read());
      const [kind, word] = wayOf(command, present);
      if (kind === 'button') await pushPowerButton(call.client, present, word === 'Press' ? 'Press' : 'PressAndHold', call.options);
      else await resetSystem(call.client, present, word, call.options);
    },
    isBlade: async () => isBlade(decodeSystemFacts(system ?? (await read())).model),
  };
}

/** The first way that the system offers; one that does not say what it takes is believed to take all. */
function wayOf(command: PowerCommand, system: Resource): readonly ['reset' | 'button', string] {
  const button = findAction(system, 'PowerButton', 'vendor');
  const resets = resetTypes(system);
  const found = WAYS[command].find(([kind, word]) =>
    kind === 'button' ? button !== undefined && (button.allowed.get('PushType')?.includes(word) ?? true) : resets.length === 0 || resets.includes(word));
  if (found !== undefined) return found;
  throw new FerricError('UNSUPPORTED', `${system.path} offers no way to ${SAYS[command]}`, { details: { resource: system.path, allowed: [...resets] } });
}

const SAYS: Readonly<Record<PowerCommand, string>> = {
  on: 'switch the server on', hold: 'switch the server off', restart: 'restart the server', press: 'press its power button',
};

const COMMANDS: Readonly<Record<PowerCommand, () => RibclCommand<RibclAcknowledgement>>> = {
  on: () => setHostPower(true),
  // SET_HOST_POWER No may be no more than a press of the button.
  hold: holdPowerButton,
  restart: resetServer,
  press: pressPowerButton,
};

export function ribclPower(call: RibclCall): PowerBackEnd {
  return {
    look: async () => viewOfRibcl(await call.run(readHostPower())),
    async send(command) {
      await call.run(COMMANDS[command]());
    },
    isBlade: async () => isBlade(await call.run(readProductName())),
  };
}

function isBlade(model: string | undefined): boolean {
  return /\bProLiant BL/i.test(model ?? '');
}
