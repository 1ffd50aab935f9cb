import { readCommand, writeCommand, type RibclAcknowledgement, type RibclCommand } from '../command.js';
import { attributeOf } from '../wire/element.js';
import { oneOf } from './facts.js';
import { yesOrNo } from './inputs.js';

const STATES = { ON: 'on', OFF: 'off', FLASHING: 'blinking', BLINKING: 'blinking' } as const;

/**
 * The blue light by which a person finds the server; it blinks while somebody works on it remotely.
 * Source: HPE iLO 4 Scripting and Command Line Guide, GET_UID_STATUS.
 */
export function readIdentifyLight(): RibclCommand<'on' | 'off' | 'blinking'> {
  return readCommand('GET_UID_STATUS', { group: 'SERVER_INFO' }, (payload) => oneOf(STATES, attributeOf(payload, 'UID'), 'the state of the light', payload));
}

/** Switches that light on or off. Source: same guide, UID_CONTROL. */
export function setIdentifyLight(on: boolean): RibclCommand<RibclAcknowledgement> {
  return writeCommand('UID_CONTROL', { group: 'SERVER_INFO', attributes: { UID: yesOrNo(on) } });
}
