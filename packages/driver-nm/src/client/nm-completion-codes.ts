import { FerricError, type FerricErrorCode } from '@ferric/core';
import { completionError, type IpmiRequest } from '@ferric/ipmi-raw-buffer';

interface Meaning {
  readonly text: string;
  readonly code: FerricErrorCode;
  readonly hint?: string;
}
type Meanings = Readonly<Record<number, Meaning>>;

const LIMITS_HINT = 'get_nm_capabilities tells the limits of this machine.';

function refused(text: string, hint?: string): Meaning {
  return { text, code: 'REFUSED', ...(hint === undefined ? {} : { hint }) };
}

const INVALID_DOMAIN: Meaning = refused('this machine does not have the domain', 'Choose another domain_id; platform is always there.');
const NO_POLICY: Meaning = { text: 'there is no policy with this id in this domain', code: 'NOT_FOUND', hint: 'Check domain_id and policy_id.' };

/** Of commands that name a policy which has to be there. */
const OF_POLICY: Meanings = { 0x80: NO_POLICY, 0x81: INVALID_DOMAIN };
const OF_STATISTICS: Meanings = { ...OF_POLICY, 0x88: refused('this machine does not measure this') };

/** Codes that mean something else with each command. Source: FreeIPMI 1.6.10, ipmi-oem/src/ipmi-oem-intel-node-manager.c and ipmi-comp-code-oem-intel-node-manager-spec.h. */
const MEANINGS: Readonly<Record<number, Meanings>> = {
  0xc0: OF_POLICY,
  0xc1: {
    0x80: NO_POLICY,
    0x81: INVALID_DOMAIN,
    0x82: refused('this machine does not know the policy_trigger'),
    0x83: refused('this machine does not know what is to be done with the policy'),
    0x84: refused('target_limit is out of range', LIMITS_HINT),
    0x85: refused('correction_time is out of range', LIMITS_HINT),
    0x86: refused('trigger_limit is out of range', LIMITS_HINT),
    0x89: refused('reporting_period is out of range', LIMITS_HINT),
    0x8b: refused('cpu_power_correction cannot be chosen for this policy', 'Leave it out, or use auto.'),
  },
  0xc2: OF_POLICY,
  0xc5: { ...OF_POLICY, 0x85: refused('one of the periods contradicts itself or another'), 0x87: refused('there are too many periods') },
  0xc6: OF_POLICY,
  0xc7: OF_STATISTICS,
  0xc8: OF_STATISTICS,
  0xc9: { 0x81: INVALID_DOMAIN, 0x82: refused('this machine does not know the policy_trigger'), 0x83: refused('this machine does not know this type of policies') },
};

/** The error for a request that Node Manager did not carry out; `details.completionCode` holds the code as `0x80`. */
export function nmCompletionError(request: IpmiRequest, completionCode: number, address: string, step: string): FerricError {
  const general = completionError(request, completionCode, address, step);
  const meaning = MEANINGS[request.command]?.[completionCode];
  if (meaning === undefined) return general;
  const { text, code, hint } = meaning;
  return new FerricError(code, `${step} at ${address}: ${text} (completion code ${String(general.details['completionCode'])})`, {
    details: general.details,
    ...(hint === undefined ? {} : { hint }),
  });
}
