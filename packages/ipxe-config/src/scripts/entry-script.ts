import { checkForm } from '../checks/fields.js';
import { line, scriptOf, type ScriptText } from '../checks/script-text.js';
import { checkApiUrl } from '../checks/url.js';

/** Where machines ask for their scripts. */
export interface EntryOptions {
  /** Address of the API as the machines reach it: `http://192.0.2.1:6385`. */
  readonly apiUrl: string;
  /** Hardware type of the nodes: `staging-wol`. Left out: any, for racks with machines of several types. */
  readonly driver?: string | undefined;
}

/** URL that yields a machine's script, but for the MAC address at its end. Throws INVALID_OPTIONS. */
export function scriptAddress({ apiUrl, driver }: EntryOptions): ScriptText {
  if (driver === undefined) return line`${checkApiUrl(apiUrl)}/ferric/v1/boot/ipxe?port_address=`;
  const name = checkForm({ name: 'driver', value: driver }, /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'the name of a hardware type: letters, digits, ".", "_" and "-"');
  return line`${checkApiUrl(apiUrl)}/v1/drivers/${name}/vendor_passthru/ipxe_config?port_address=`;
}

/**
 * One script for all machines, or those of one hardware type, for DHCP servers that cannot put a MAC address into a URL: it asks the conductor
 * for each network card in turn, until one is known. Throws INVALID_OPTIONS for an address or name that may not enter a script.
 */
export function entryScript(options: EntryOptions): string {
  return scriptOf([
    line`set n:int32 -1`,
    line`:next`,
    line`inc n`,
    line`isset \${net\${n}/mac} || goto none`,
    // The first request brings the card up, which may fail on a card without a cable; the next one is tried then, too.
    line`chain ${scriptAddress(options)}\${net\${n}/mac} || goto next`,
    line`exit 0`,
    line`:none`,
    line`echo Ferric knows no network card of this machine, or has nothing to boot for it now.`,
    line`sleep 30`,
    line`exit 1`,
  ]);
}
