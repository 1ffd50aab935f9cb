import { readCommand, type RibclCommand } from '../command.js';
import { attributeOf, valueAt } from '../wire/element.js';
import { required } from './facts.js';

/** The model of the server: `ProLiant DL380p Gen8`. Source: HPE iLO 4 Scripting and Command Line Guide, GET_PRODUCT_NAME. */
export function readProductName(): RibclCommand<string> {
  return readCommand('GET_PRODUCT_NAME', { group: 'SERVER_INFO' }, (payload) => required(valueAt(payload, 'PRODUCT_NAME'), 'the product name', payload));
}

/** The name that the operating system or an operator gave the server; empty when none did. Source: same guide, GET_SERVER_NAME. */
export function readServerName(): RibclCommand<string> {
  return readCommand('GET_SERVER_NAME', { group: 'SERVER_INFO', answers: ['SERVER_NAME', 'GET_SERVER_NAME'] }, (payload) =>
    attributeOf(payload, 'VALUE') ?? valueAt(payload, 'SERVER_NAME') ?? '');
}
