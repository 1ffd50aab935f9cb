import type { FerricErrorCode } from '@ferric/core';

/** What a fault means, and what to do about it. */
export interface FaultMeaning {
  readonly code: FerricErrorCode;
  /** Fits behind "the device answered that". */
  readonly words: string;
  readonly hint: string;
  /** Default: as the code has it. */
  readonly retryable?: boolean;
  /** True when the device may have carried the request out all the same. */
  readonly unsettled?: boolean;
}

/** The hint of an error after which nobody knows whether a change was made. */
export const LOOK_FIRST = 'The device may have carried the request out: read the state before trying again.';

const LATER = 'Try again in a while; the device serves one request at a time.';
const DEFECT = 'This is a defect of the client, or the firmware is of a version that wants another form: report both.';

const badRequest = (words: string): FaultMeaning => ({ code: 'INTERNAL', words, hint: DEFECT });

/**
 * Faults by the local name of their subcode.
 * Sources: DSP0226 1.2, section 14; WS-Addressing (2004/08), section 4; WS-Enumeration (2004/09), section 4; for what AMT means by them the Intel
 * AMT Implementation and Reference Guide, pages "DSP0226 Web Services for Management Specification" and "User Consent".
 */
export const FAULTS: Readonly<Record<string, FaultMeaning>> = {
  AccessDenied: {
    code: 'REFUSED',
    words: 'access is denied: the user lacks the realm for it, or the person at the machine has not given consent',
    hint: 'Check the realms of this user in the access control of the device, and whether the device requires user consent.',
  },
  DestinationUnreachable: {
    code: 'NOT_FOUND',
    words: 'it has no such class or instance',
    hint: 'This version of the firmware may not have the class; else check the selectors.',
  },
  EndpointUnavailable: { code: 'BUSY', words: 'the service is not available at the moment', hint: LATER },
  QuotaLimit: { code: 'BUSY', words: 'it has no room for more: too many requests, or a table is full', hint: LATER },
  Concurrency: { code: 'BUSY', words: 'somebody else is using the same thing', hint: LATER },
  TimedOut: { code: 'BUSY', words: 'the operation took too long', hint: LATER, unsettled: true },
  InvalidEnumerationContext: { code: 'BUSY', words: 'it has forgotten the list that was being read', hint: 'Read the list again.' },
  AlreadyExists: { code: 'CONFLICT', words: 'there is such an instance already', hint: 'Delete the other first, or choose another name.' },
  ActionNotSupported: { code: 'UNSUPPORTED', words: 'the class does not have this operation', hint: 'This version of the firmware may be too old or too new for it.' },
  UnsupportedFeature: { code: 'UNSUPPORTED', words: 'it does not support this', hint: 'This version of the firmware may be too old or too new for it.' },
  InternalError: {
    code: 'REFUSED',
    words: 'it failed by an error of its own',
    hint: 'If it stays, restart the management engine.',
    retryable: true,
    unsettled: true,
  },
  InvalidRepresentation: badRequest('the instance has wrong or missing fields'),
  InvalidSelectors: badRequest('the selectors do not pick one instance'),
  InvalidParameter: badRequest('a parameter is wrong'),
  SchemaValidationError: badRequest('the request does not fit its schema'),
  EncodingLimit: badRequest('the request is too large, or encoded in a way that it does not take'),
  InvalidMessageInformationHeader: badRequest('a header is wrong'),
  MessageInformationHeaderRequired: badRequest('a header is missing'),
  InvalidOptions: badRequest('the options are wrong'),
  InvalidTimeout: badRequest('the timeout is wrong'),
  MustUnderstand: badRequest('it does not know a header that it must understand'),
  VersionMismatch: badRequest('the envelope is of another version'),
  Sender: badRequest('the request is wrong'),
};

/** For a subcode that the table does not have. */
export const UNKNOWN_FAULT: FaultMeaning = { code: 'REFUSED', words: 'it cannot do this', hint: 'The details name the code of the fault.' };

type StatusMeaning = Pick<FaultMeaning, 'code' | 'hint' | 'retryable'>;

const WAIT: StatusMeaning = { code: 'BUSY', hint: LATER };
const FORBIDDEN: StatusMeaning = { code: 'REFUSED', hint: 'Check the realms and permissions of this user, and whether the operation needs user consent.' };
const MISSING: StatusMeaning = { code: 'UNSUPPORTED', hint: 'This version of the firmware may be too old or too new for it.' };

/** What a status of AMT means when it comes as a fault, where that is more exact than `InternalError`. By {@link PT_STATUS}. */
export const STATUS_MEANINGS: Readonly<Record<number, StatusMeaning>> = {
  0x2: WAIT, 0x12: WAIT, 0x17: WAIT, 0x2e: WAIT, 0x2f: WAIT, 0x30: WAIT, 0x31: WAIT, 0x80d: WAIT,
  0x26: { code: 'BUSY', hint: 'The device limits how often its flash memory is written: try again in an hour, and write less often.', retryable: false },
  0x10: FORBIDDEN, 0x11: FORBIDDEN, 0x400: FORBIDDEN, 0x81c: FORBIDDEN,
  0x821: { code: 'REFUSED', hint: 'The person at the machine has to give consent first.' },
  0x21: MISSING, 0x801: MISSING, 0x802: MISSING, 0x803: MISSING, 0x804: MISSING, 0x812: MISSING,
  0x808: { code: 'CONFLICT', hint: 'It is in use: remove what uses it first.' },
  0x80a: { code: 'CONFLICT', hint: 'There is such an entry already.' },
  0x80b: { code: 'CONFLICT', hint: 'Unfreeze the event log first.' },
  0x814: { code: 'NOT_FOUND', hint: 'Check the selectors.' },
};
