import { readCommand, writeCommand, type RibclAcknowledgement, type RibclCommand } from '../command.js';
import { attributeOf } from '../wire/element.js';
import { oneOf } from './facts.js';
import { yesOrNo } from './inputs.js';

const STATES = { ON: 'power on', OFF: 'power off' } as const;

/** Whether the server is on. Source: HPE iLO 4 Scripting and Command Line Guide, GET_HOST_POWER_STATUS. */
export function readHostPower(): RibclCommand<'power on' | 'power off'> {
  return readCommand('GET_HOST_POWER_STATUS', { group: 'SERVER_INFO', answers: ['GET_HOST_POWER', 'GET_HOST_POWER_STATUS'] }, (payload) =>
    oneOf(STATES, attributeOf(payload, 'HOST_POWER'), 'the power state', payload));
}

/**
 * Switches the server on; `false` may be a press of the button rather than a hard off, for which there is {@link holdPowerButton}.
 * A server that is there already is acknowledged with a message. Source: same guide, SET_HOST_POWER.
 */
export function setHostPower(on: boolean): RibclCommand<RibclAcknowledgement> {
  return writeCommand('SET_HOST_POWER', { group: 'SERVER_INFO', attributes: { HOST_POWER: yesOrNo(on) } });
}

/** Presses the power button for a moment: the operating system shuts down, or a server that is off goes on. Source: same guide, PRESS_PWR_BTN. */
export function pressPowerButton(): RibclCommand<RibclAcknowledgement> {
  return writeCommand('PRESS_PWR_BTN', { group: 'SERVER_INFO' });
}

/** Holds the power button until the server is off. It never switches a server on. Source: same guide, HOLD_PWR_BTN. */
export function holdPowerButton(): RibclCommand<RibclAcknowledgement> {
  return writeCommand('HOLD_PWR_BTN', { group: 'SERVER_INFO', attributes: { TOGGLE: 'NO' } });
}

/** Resets a server that is on without asking its operating system. Source: same guide, RESET_SERVER. */
export function resetServer(): RibclCommand<RibclAcknowledgement> {
  return writeCommand('RESET_SERVER', { group: 'SERVER_INFO' });
}

/** Takes power from a server that is on and starts it again. Source: same guide, COLD_BOOT_SERVER. */
export function coldBootServer(): RibclCommand<RibclAcknowledgement> {
  return writeCommand('COLD_BOOT_SERVER', { group: 'SERVER_INFO' });
}

/** Boots a server that is on again without taking its power. Source: same guide, WARM_BOOT_SERVER. */
export function warmBootServer(): RibclCommand<RibclAcknowledgement> {
  return writeCommand('WARM_BOOT_SERVER', { group: 'SERVER_INFO' });
}
