import { writeCommand, type RibclAcknowledgement, type RibclCommand } from '../command.js';

/**
 * Starts the controller again. It answers and then is away for a minute or more; virtual media are ejected, the server runs on.
 * Source: HPE iLO 4 Scripting and Command Line Guide, RESET_RIB.
 */
export function resetController(): RibclCommand<RibclAcknowledgement> {
  return writeCommand('RESET_RIB', { group: 'RIB_INFO' });
}
