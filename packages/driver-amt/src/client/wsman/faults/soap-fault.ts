import { FerricError, printValue } from '@ferric/core';
import type { SoapFault } from '../envelope/reply.js';
import { returnValueName, ptStatusOf } from '../pt-status.js';
import { type FaultMeaning, FAULTS, LOOK_FIRST, STATUS_MEANINGS, UNKNOWN_FAULT } from './fault-table.js';

/** How AMT puts its own status into a fault. Source: Intel AMT Implementation and Reference Guide, page "Errors and Return Values". */
const AMT_STATUS = /AMT[-_ ]STATUS[:= ]*(\d{1,10})/i;

/**
 * The error for a fault that the device answered with; its details are `subcode`, `detail` (or null) and, where the device names one, `amtStatus`.
 * They hold `sent: true` when the request may have been carried out all the same.
 */
export function faultError(fault: SoapFault, changes: boolean): FerricError {
  const known = Object.hasOwn(FAULTS, fault.subcode) ? FAULTS[fault.subcode] : undefined;
  const general = known ?? UNKNOWN_FAULT;
  const amtStatus = amtStatusOf(fault);
  const exact = amtStatus === undefined ? undefined : STATUS_MEANINGS[amtStatus];
  const meaning: FaultMeaning = exact === undefined ? general : { ...exact, words: general.words };
  const unsettled = changes && meaning.unsettled === true;
  const retryable = unsettled ? false : meaning.retryable;
  return new FerricError(meaning.code, `The device answered that ${exact === undefined ? meaning.words : 'it cannot do this'}${because(known === undefined ? fault : { ...fault, reason: undefined }, amtStatus)}`, {
    details: {
      subcode: printable(fault.subcode),
      detail: fault.detail === undefined ? null : printable(fault.detail),
      ...(amtStatus === undefined ? {} : { amtStatus }),
      ...(unsettled ? { sent: true } : {}),
    },
    hint: unsettled ? `${LOOK_FIRST} ${meaning.hint}` : meaning.hint,
    ...(retryable === undefined ? {} : { retryable }),
  });
}

function amtStatusOf({ detail, reason }: SoapFault): number | undefined {
  const digits = AMT_STATUS.exec(detail ?? '')?.[1] ?? AMT_STATUS.exec(reason ?? '')?.[1];
  return digits === undefined ? undefined : ptStatusOf(Number(digits));
}

/** What the device itself says. Its reason is a stock phrase where the code is one of the standards. */
function because({ subcode, detail, reason }: SoapFault, amtStatus: number | undefined): string {
  const facts = [printable(subcode), ...(amtStatus === undefined ? [detail ?? reason].filter((part) => part !== undefined).map(printable) : [`${returnValueName(amtStatus)}, status ${amtStatus}`])];
  return ` (${facts.join(': ')})`;
}

/** Text of the device, as an error may show it. */
function printable(text: string): string {
  return printValue(text).replace(/^"|"$/g, '');
}
