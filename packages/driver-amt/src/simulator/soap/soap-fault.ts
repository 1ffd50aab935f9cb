import { NAMESPACES } from './namespaces.js';

/** Faults that the device gives. Source: DSP0226 1.2, section 14.6, with the codes, actions and English reasons of its tables. */
const FAULTS = {
  AccessDenied: { namespace: 'wsman', sender: true, reason: 'The sender was not authorized to access the resource.' },
  ActionNotSupported: { namespace: 'addressing', sender: true, reason: 'The action is not supported by the service.' },
  // The words are those of a recorded fault.
  DestinationUnreachable: {
    namespace: 'addressing', sender: true, reason: 'No route can be determined to reach the destination role defined by the WSAddressing To.',
  },
  EncodingLimit: {
    namespace: 'wsman', sender: true, reason: 'An internal encoding limit was exceeded in a request or would be violated if the message were processed.',
  },
  InternalError: { namespace: 'wsman', sender: false, reason: 'The service cannot comply with the request due to internal processing errors.' },
  InvalidEnumerationContext: { namespace: 'enumeration', sender: true, reason: 'The supplied enumeration context is invalid.' },
  InvalidRepresentation: { namespace: 'transfer', sender: true, reason: 'The XML content is not valid.' },
  InvalidSelectors: { namespace: 'wsman', sender: true, reason: 'The selectors for the resource are not valid.' },
  // A code of SOAP itself, without a subcode. Source: SOAP 1.2, part 1, section 5.4.8.
  MustUnderstand: { namespace: 'soap', sender: true, reason: 'A header that must be understood is not known.' },
  MessageInformationHeaderRequired: { namespace: 'addressing', sender: true, reason: 'A required header is missing.' },
  QuotaLimit: { namespace: 'wsman', sender: true, reason: 'The service is busy servicing other requests.' },
  SchemaValidationError: { namespace: 'wsman', sender: true, reason: 'The supplied SOAP violates the corresponding XML schema definition.' },
  TimedOut: { namespace: 'wsman', sender: false, reason: 'The operation has timed out.' },
  UnsupportedFeature: { namespace: 'wsman', sender: true, reason: 'The specified feature is not supported.' },
} as const satisfies Readonly<Record<string, { readonly namespace: keyof typeof NAMESPACES; readonly sender: boolean; readonly reason: string }>>;

export type FaultName = keyof typeof FAULTS;

const ACTIONS = {
  soap: `${NAMESPACES.addressing}/fault`,
  addressing: `${NAMESPACES.addressing}/fault`,
  enumeration: `${NAMESPACES.enumeration}/fault`,
  transfer: `${NAMESPACES.transfer}/fault`,
  wsman: 'http://schemas.dmtf.org/wbem/wsman/1/wsman/fault',
} as const;

/** Details of faults, the last part of their URI. Source: DSP0226 1.2, section 14.6. */
export type FaultDetail =
  | 'InsufficientSelectors' | 'UnexpectedSelectors' | 'MissingValues' | 'InvalidValues' | 'InvalidNamespace' | 'MaximumEnvelopeSize' | 'FilteringRequired';

/** What a handler throws to have a request refused with a fault. */
export class SoapFault extends Error {
  readonly fault: FaultName;
  readonly detail: FaultDetail | undefined;
  /** Set for InternalError: PT_STATUS, which the firmware gives as text. */
  readonly status: number | undefined;

  constructor(fault: FaultName, more: { readonly detail?: FaultDetail; readonly status?: number } = {}) {
    super(FAULTS[fault].reason);
    this.name = 'SoapFault';
    this.fault = fault;
    this.detail = more.detail;
    this.status = more.status;
  }

  get action(): string {
    return ACTIONS[FAULTS[this.fault].namespace];
  }

  get namespace(): keyof typeof ACTIONS {
    return FAULTS[this.fault].namespace;
  }

  get isSender(): boolean {
    return FAULTS[this.fault].sender;
  }
}
