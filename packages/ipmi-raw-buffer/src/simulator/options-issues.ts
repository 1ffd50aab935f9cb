import { isIPv4 } from 'node:net';
import { type OptionIssue, printValue, Secret } from '@ferric/core';
import type { BmcOptions, VirtualUser } from './options.js';
import { PRIVILEGE } from './options.js';
import { ENTRY_LENGTH } from './records/event-log.js';
import { isRecord } from './records/sdr-repository.js';
import { LONGEST_NAME, LONGEST_PASSWORD, MOST_USERS } from './records/users.js';
import { readWord } from './wire/bytes.js';
import { VIRTUAL_CIPHER_SUITES } from './wire/suites.js';

/** Checks one field; what came is printed unless it is secret. */
interface FieldRule {
  readonly field: string;
  readonly expected: string;
  /** Only asked when the field was given. */
  readonly isFine: (options: BmcOptions) => boolean;
  readonly value: (options: BmcOptions) => unknown;
  readonly isSecret?: boolean;
}

function wholeNumber(field: keyof BmcOptions, least: number, most: number): FieldRule {
  return {
    field,
    expected: `a whole number from ${least} to ${most}`,
    value: (options) => options[field],
    isFine: (options) => Number.isInteger(options[field]) && Number(options[field]) >= least && Number(options[field]) <= most,
  };
}

const DAY_MS = 86_400_000;
const bytesOf = (text: string): number => Buffer.byteLength(text, 'utf8');

function isUser({ name, password, privilegeLevel }: VirtualUser): boolean {
  const level = privilegeLevel ?? 'administrator';
  return bytesOf(name) <= LONGEST_NAME && bytesOf(Secret.from(password).reveal()) <= LONGEST_PASSWORD && level in PRIVILEGE;
}

function hasNoDoubles(values: readonly unknown[]): boolean {
  return new Set(values).size === values.length;
}

/** An id of 0 stands for any that is free. */
function sdrIds(records: readonly Uint8Array[]): readonly number[] {
  return records.map((record) => readWord(record, 0)).filter((id) => id !== 0);
}

const RULES: readonly FieldRule[] = [
  wholeNumber('port', 0, 65_535),
  wholeNumber('sessionLimit', 1, 63),
  wholeNumber('sessionTimeoutMs', 1, DAY_MS),
  wholeNumber('sdrReadLimitBytes', 8, 255),
  wholeNumber('fruReadLimitBytes', 8, 255),
  wholeNumber('selCapacity', 1, 4095),
  wholeNumber('selEraseMs', 0, DAY_MS),
  wholeNumber('actionDelayMs', 0, DAY_MS),
  wholeNumber('cycleOffMs', 0, DAY_MS),
  wholeNumber('restartMs', 0, DAY_MS),
  {
    field: 'users',
    expected: `at most ${MOST_USERS - 1} users, names of at most ${LONGEST_NAME} bytes, passwords of at most ${LONGEST_PASSWORD} bytes, levels ${Object.keys(PRIVILEGE).join(', ')}`,
    value: ({ users }) => users,
    isFine: ({ users = [] }) => users.length < MOST_USERS && users.every(isUser),
    isSecret: true,
  },
  {
    field: 'kgKey',
    expected: 'hexadecimal digits of 1 to 20 bytes',
    value: ({ kgKey }) => kgKey,
    isFine: ({ kgKey = '' }) => /^(?:[0-9a-fA-F]{2}){1,20}$/.test(Secret.from(kgKey).reveal()),
    isSecret: true,
  },
  {
    field: 'cipherSuites',
    expected: `at least one of ${VIRTUAL_CIPHER_SUITES.join(', ')}, each once`,
    value: ({ cipherSuites }) => cipherSuites,
    isFine: ({ cipherSuites = [] }) => cipherSuites.length > 0 && hasNoDoubles(cipherSuites) && cipherSuites.every((id) => VIRTUAL_CIPHER_SUITES.includes(id)),
  },
  {
    field: 'guid',
    expected: '16 bytes or null',
    value: ({ guid }) => guid,
    isFine: ({ guid }) => guid === null || guid?.length === 16,
  },
  {
    field: 'sdr',
    expected: 'records whose length fits their header, with ids that no other has',
    value: ({ sdr }) => `${sdr?.length} records`,
    isFine: ({ sdr = [] }) => sdr.every(isRecord) && hasNoDoubles(sdrIds(sdr)) && !sdrIds(sdr).includes(0xffff),
  },
  {
    field: 'sel',
    expected: `entries of ${ENTRY_LENGTH} bytes, with ids that no other has and that are neither 0 nor 65535`,
    value: ({ sel }) => `${sel?.length} entries`,
    isFine({ sel = [] }) {
      const ids = sel.map((entry) => readWord(entry, 0));
      return sel.every(({ length }) => length === ENTRY_LENGTH) && hasNoDoubles(ids) && !ids.includes(0) && !ids.includes(0xffff);
    },
  },
  {
    field: 'fru',
    expected: 'images of at most 65535 bytes under ids from 0 to 254, of an even length where access is by words',
    value: ({ fru }) => Object.keys(fru ?? {}),
    isFine: ({ fru = {} }) =>
      Object.entries(fru).every(([id, { image, wordAccess }]) => Number(id) <= 254 && image.length <= 65_535 && (wordAccess !== true || image.length % 2 === 0)),
  },
  {
    field: 'lan',
    expected: 'IPv4 addresses, a MAC address with colons, a VLAN id from 1 to 4094 or null',
    value: ({ lan }) => lan,
    isFine({ lan = {} }) {
      const addresses = [lan.ipAddress, lan.subnetMask, lan.gateway].filter((address) => address !== undefined);
      const { macAddress = '00:00:00:00:00:00', vlanId = null } = lan;
      const isMac = /^(?:[0-9a-fA-F]{2}:){5}[0-9a-fA-F]{2}$/.test(macAddress);
      return addresses.every((address) => isIPv4(address)) && isMac && (vlanId === null || (Number.isInteger(vlanId) && vlanId >= 1 && vlanId <= 4094));
    },
  },
  {
    field: 'handlers',
    expected: 'keys of an even network function and a command as two hexadecimal digits each: 30/70',
    value: ({ handlers }) => Object.keys(handlers ?? {}),
    isFine: ({ handlers = {} }) => Object.keys(handlers).every((key) => /^[0-3][02468ace]\/[0-9a-f]{2}$/.test(key)),
  },
];

/** All that is wrong with the options. */
export function optionsIssues(options: BmcOptions): readonly OptionIssue[] {
  const wrong = RULES.filter((rule) => isGiven(options, rule.field) && !rule.isFine(options));
  return wrong.map(({ field, expected, value, isSecret }) => ({
    field,
    problem: 'invalid',
    expected,
    ...(isSecret === true ? {} : { received: printValue(value(options)) }),
  }));
}

function isGiven(options: BmcOptions, field: string): boolean {
  return options[field as keyof BmcOptions] !== undefined;
}
