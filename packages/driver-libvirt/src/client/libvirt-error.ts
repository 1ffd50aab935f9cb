import { FerricError, type FerricErrorCode, maskText } from '@ferric/core';
import { libvirtErrorDomainName, libvirtErrorName } from './libvirt-error-names.js';
import type { RemoteError } from './wire/remote-error.js';

/** What the error was an answer to. */
export interface RemoteErrorFacts {
  /** As {@link LibvirtUri.address}. */
  readonly address: string;
  /** Name of the procedure. */
  readonly procedure: string;
}

/** What an error of a daemon means to its caller. */
interface Meaning {
  readonly code: FerricErrorCode;
  readonly hint?: string;
  /** Default: that of the code. */
  readonly retryable?: boolean;
}

interface Rule extends Meaning {
  /** The numbers of virErrorNumber. Source: libvirt 9.0.0, include/libvirt/virterror.h. */
  readonly numbers: readonly number[];
  /** Only errors of this part of libvirt (virErrorDomain). */
  readonly domain?: number;
  /** Only errors with such a message. */
  readonly text?: RegExp;
}

const RPC_DOMAIN = 7;
/** The test driver says "internal error" where others say that the operation does not fit the state. */
const TEST_DOMAIN = 12;

/** Streams say "RPC error" of whatever they lead to. */
const STREAMS_DOMAIN = 38;

const STATE_FIRST = 'Read the state first: it may be what was wanted already.';
const WITHOUT_OPTIONS = 'This hypervisor cannot do this with these options; try without them.';
const CANNOT = 'This hypervisor cannot do this, or not with this machine.';

const TAKEN = 'Choose another name, or remove what has it now.';
const WRONG_XML = 'Correct the XML: `virt-xml-validate` says what is wrong with it.';

/** The first that fits counts. */
const RULES: readonly Rule[] = [
  { numbers: [1], text: /(?:client|connection|socket) (?:is |was |has been )?closed|closed (?:client|connection|socket)/i, code: 'REFUSED', retryable: true },
  { numbers: [1], domain: TEST_DOMAIN, text: /(?:already|not) running/i, code: 'CONFLICT', hint: STATE_FIRST },
  { numbers: [2, 25], code: 'BUSY', hint: 'The host of the daemon has no room left; free some and try again.' },
  { numbers: [1], text: /not supported/i, code: 'UNSUPPORTED', hint: CANNOT },
  { numbers: [3, 84], code: 'UNSUPPORTED', hint: CANNOT },
  { numbers: [74], code: 'UNSUPPORTED', hint: WITHOUT_OPTIONS },
  { numbers: [8], text: /unsupported flags/i, code: 'UNSUPPORTED', hint: WITHOUT_OPTIONS },
  { numbers: [5], code: 'UNSUPPORTED', hint: 'Check the driver in the URI (qemu, lxc, test), and that the daemon at this address is the one for it.' },
  { numbers: [54, 91], code: 'UNSUPPORTED' },
  { numbers: [39], text: /unknown procedure/i, code: 'UNSUPPORTED', hint: 'The daemon is too old for this.' },
  { numbers: [39], text: /authentication required/i, code: 'AUTH_FAILED', hint: 'The daemon wants a login first: give a user name and a password.' },
  { numbers: [39], domain: STREAMS_DOMAIN, code: 'REFUSED', hint: 'What the stream leads to failed, or somebody else took it over: open it again.' },
  { numbers: [39], code: 'PROTOCOL_FAULT', hint: 'The daemon did not understand the call; check its version.' },
  { numbers: [45], code: 'AUTH_FAILED', hint: 'Check the user name and the password; they are not tried again by themselves, as that can lock the account.' },
  {
    numbers: [79, 94],
    code: 'AUTH_FAILED',
    hint: 'Nobody could be asked for a password: run as root or as a member of the group libvirt, or let the daemon use SASL with a user name and a password.',
  },
  {
    numbers: [29],
    text: /read.?only/i,
    code: 'REFUSED',
    hint: 'Permission denied: this connection may only read. Use the socket without -ro, and a user who may manage machines.',
  },
  { numbers: [29, 88], code: 'REFUSED', hint: 'Permission denied: let the access rules of the daemon (polkit) allow this to the user.' },
  { numbers: [42], code: 'NOT_FOUND', hint: '`virsh list --all` shows the domains of the daemon; look it up by another name or uuid.' },
  { numbers: [43], code: 'NOT_FOUND', hint: '`virsh net-list --all` shows the networks of the daemon.' },
  { numbers: [49], code: 'NOT_FOUND', hint: '`virsh pool-list --all` shows the storage pools of the daemon.' },
  { numbers: [50], code: 'NOT_FOUND', hint: '`virsh vol-list POOL` shows the volumes of a pool; refresh the pool when the file was made by another program.' },
  { numbers: [53, 57, 62, 66, 72, 80, 99, 101, 103, 104, 107, 108, 111], code: 'NOT_FOUND' },
  { numbers: [55], code: 'CONFLICT', hint: STATE_FIRST },
  { numbers: [28, 37, 90, 106], code: 'CONFLICT', hint: TAKEN },
  { numbers: [9], text: /already (?:exists|in use|defined)/i, code: 'CONFLICT', hint: TAKEN },
  { numbers: [59, 76, 83, 110], code: 'CONFLICT' },
  { numbers: [68], code: 'BUSY', hint: 'Another job holds the machine; try again when it is done.' },
  { numbers: [87], code: 'BUSY', hint: 'Something else uses it at the moment.' },
  { numbers: [86, 97, 112], code: 'BUSY', hint: 'The agent in the guest does not answer: see that qemu-guest-agent runs there, or ask by ACPI.' },
  { numbers: [38], domain: RPC_DOMAIN, code: 'UNREACHABLE', hint: 'The daemon could not reach another daemon of libvirt on its host; see that it runs.' },
  { numbers: [38], text: /no space left/i, code: 'REFUSED', hint: 'Free some room in the pool, or send less than the volume holds.' },
  { numbers: [27, 35, 92], code: 'REFUSED', hint: WRONG_XML },
  { numbers: [67], code: 'REFUSED', hint: 'Change the definition: the hypervisor has no such combination.' },
  { numbers: [8], code: 'REFUSED', hint: 'Correct the argument that the message names.' },
  { numbers: [1, 9], code: 'REFUSED', hint: 'The logs on the host of the daemon say more: its journal, and /var/log/libvirt/qemu for a machine.' },
];

const ANYTHING_ELSE: Meaning = { code: 'REFUSED' };

const SYSTEM_ERROR = 38;

/** Parse errors quote the XML that they are about, however long. */
const LONGEST_TEXT = 1000;

/**
 * The error that a caller gets for what the daemon answered: its own text, a code, and what to do about it. `details` hold address, procedure,
 * libvirtCode, libvirtCodeName, libvirtDomain, and where it is known `domain` (the machine's name) and `errno`.
 * A password that the daemon quotes from a definition is masked.
 */
export function toFerricError(remote: RemoteError, facts: RemoteErrorFacts): FerricError {
  const text = maskText((remote.message ?? 'no reason given').slice(0, LONGEST_TEXT)).trim();
  const { code, hint, retryable } = RULES.find((rule) => fits(rule, remote)) ?? ANYTHING_ELSE;
  return new FerricError(code, `${facts.procedure} at ${facts.address} failed: ${text}`, {
    details: {
      address: facts.address,
      procedure: facts.procedure,
      libvirtCode: remote.code,
      libvirtCodeName: libvirtErrorName(remote.code),
      libvirtDomain: libvirtErrorDomainName(remote.domain),
      ...(remote.domainObject === null ? {} : { domain: remote.domainObject.name }),
      ...(remote.code === SYSTEM_ERROR ? { errno: remote.integer1 } : {}),
    },
    ...(hint === undefined ? {} : { hint }),
    ...(retryable === undefined ? {} : { retryable }),
  });
}

function fits(rule: Rule, remote: RemoteError): boolean {
  if (!rule.numbers.includes(remote.code)) return false;
  if (rule.domain !== undefined && rule.domain !== remote.domain) return false;
  return rule.text === undefined || rule.text.test(remote.message ?? '');
}

/** True for the error of a daemon that does not have this procedure yet. */
export function isUnknownProcedure(error: unknown): boolean {
  return FerricError.is(error) && error.code === 'UNSUPPORTED' && error.details['libvirtCode'] === 39;
}
