import { X509Certificate } from 'node:crypto';
import { FerricError, type CallOptions, type JsonValue, type PowerReading, type PowerTarget, type Secret } from '@ferric/core';
import type { IloBootDeviceName, IloClient, IloClientSettings, IloIdentity, IloInventoryReport, IloMediaType, IloSubscription } from '../src/client/index.js';

/** An iLO without a network: what the driver asks of its client is done to this state, and noted. */
export interface FakeIlo {
  readonly create: (settings: IloClientSettings) => IloClient;
  /** Every change that was asked for, in order: `power.set rebooting`. */
  readonly asked: string[];
  /** What it does instead, by the call's name: `accounts.changePassword`. */
  readonly instead: Map<string, (call: { readonly next: () => Promise<unknown> }) => Promise<unknown>>;
  identity: IloIdentity;
  password: string;
  power: 'power on' | 'power off';
  postState: string | null;
  boot: { device: IloBootDeviceName | null; persistent: boolean | null };
  media: { type: IloMediaType; url: string }[];
  inventory: IloInventoryReport;
  certificate: { request: string | null; fingerprint: string; pinned: boolean };
  readonly subscriptions: IloSubscription[];
  bootUrl: string | null;
  /** Fingerprints of what the firmware trusts. */
  trusted: string[];
  readonly settings: IloClientSettings[];
  opened: number;
  closed: number;
  /** Logins that were refused. */
  refused: number;
}

const EMPTY_INVENTORY: IloInventoryReport = { localGigabytes: 0, ports: [], capabilities: {} };

export function createFakeIlo(password = 'first'): FakeIlo {
  const fake: FakeIlo = {
    asked: [], instead: new Map(), settings: [], password, power: 'power off', postState: 'PowerOff', opened: 0, closed: 0, refused: 0,
    identity: { ilo: 5, name: 'iLO 5', firmwareVersion: '2.44', backEnds: ['redfish', 'ribcl'] },
    boot: { device: 'disk', persistent: true }, media: [], inventory: EMPTY_INVENTORY,
    certificate: { request: null, fingerprint: 'aa'.repeat(32), pinned: true }, subscriptions: [], bootUrl: null, trusted: [],
    create: (settings) => {
      fake.opened += 1;
      fake.settings.push(settings);
      return createClient(fake, settings);
    },
  };
  return fake;
}

function createClient(fake: FakeIlo, settings: IloClientSettings): IloClient {
  let password: Secret = settings.password;
  const call = async <T>(name: string, work: () => T | Promise<T>, options?: CallOptions, changes = false): Promise<T> => {
    options?.signal?.throwIfAborted();
    if (password.reveal() !== fake.password) {
      fake.refused += 1;
      throw new FerricError('AUTH_FAILED', 'The iLO refuses the user or the password');
    }
    if (changes) fake.asked.push(name);
    const next = async (): Promise<T> => work();
    const instead = fake.instead.get(name) ?? fake.instead.get(name.split(' ')[0] ?? name);
    return (instead === undefined ? next() : instead({ next })) as Promise<T>;
  };
  const change = (name: string, options: CallOptions | undefined, work: () => void = () => undefined): Promise<void> => call(name, work, options, true);
  const reading = (): PowerReading => ({ state: fake.power, source: 'device', at: new Date() });
  const nothing = { outcome: 'success', messages: [] } as const;

  return {
    address: `${settings.host}:${settings.port ?? 443}`,
    identify: async () => fake.identity,
    forget: () => undefined,
    power: {
      read: (options) => call('power.read', () => ({ ...reading(), postState: fake.postState }), options),
      async set(target: PowerTarget, options) {
        await change(`power.set ${target}`, options, () => {
          fake.power = target === 'power off' || target === 'soft power off' ? 'power off' : 'power on';
          fake.postState = fake.power === 'power on' ? 'FinishedPost' : 'PowerOff';
        });
        return { status: 'done', reading: reading() };
      },
    },
    bootDevice: {
      supported: async () => new Set(['pxe', 'disk', 'cdrom'] as const),
      read: (options) => call('bootDevice.read', () => fake.boot, options),
      set: (device, { persistent }, options) => change(`bootDevice.set ${device}`, options, () => void (fake.boot = { device, persistent })),
    },
    bootMode: {
      read: (options) => call('bootMode.read', () => ({ current: null, pending: null, supported: ['bios', 'uefi'] as const }), options),
      set: (mode, options) => change(`bootMode.set ${mode}`, options),
    },
    secureBoot: {
      read: (options) => call('secureBoot.read', () => ({ current: true, next: false }), options),
      set: (enabled, options) => change(`secureBoot.set ${enabled}`, options),
      resetKeys: (options) => change('secureBoot.resetKeys', options),
      clearKeys: (options) => change('secureBoot.clearKeys', options),
    },
    virtualMedia: {
      read: (options) => call('virtualMedia.read', () => [...fake.media], options),
      insert: (type, url, options) =>
        change(`virtualMedia.insert ${type}`, options, () => void (fake.media = [...fake.media.filter((each) => each.type !== type), { type, url: url.href }])),
      eject: (type, options) => change(`virtualMedia.eject ${type}`, options, () => void (fake.media = fake.media.filter((each) => each.type !== type))),
      bootOnce: (options) => change('virtualMedia.bootOnce', options, () => void (fake.boot = { device: 'cdrom', persistent: false })),
    },
    sensors: { read: (options) => call('sensors.read', () => [], options) },
    inventory: { read: (options) => call('inventory.read', () => fake.inventory, options) },
    eventLog: { read: (_log, options) => call('eventLog.read', () => [], options), clear: (_log, options) => change('eventLog.clear', options) },
    nmi: { inject: (options) => change('nmi.inject', options) },
    bios: {
      read: (options) => call('bios.read', () => [], options),
      pending: (options) => call('bios.pending', (): Readonly<Record<string, JsonValue>> => ({}), options),
      apply: (_settings, options) => change('bios.apply', options),
      factoryReset: (options) => change('bios.factoryReset', options),
      result: (options) => call('bios.result', () => nothing, options),
    },
    raid: {
      read: (options) => call('raid.read', () => ({ logical_disks: [] }), options),
      create: (_configuration, options) => call('raid.create', () => 'wait' as const, options, true),
      delete: (options) => call('raid.delete', () => 'done' as const, options, true),
      result: (options) => call('raid.result', () => nothing, options),
      erase: (kind, pattern, options) => call(`raid.erase ${kind} ${pattern}`, () => 'wait' as const, options, true),
      eraseStatus: (kind, options) => call(`raid.eraseStatus ${kind}`, () => ({ state: 'idle' as const, drives: [] }), options),
    },
    firmware: {
      read: (options) => call('firmware.read', () => [{ component: 'ilo', name: 'iLO 5', version: '2.44' }], options),
      update: ({ component, upload }, options) => change(`firmware.update ${component}${upload === undefined ? '' : ` ${upload.fileName} ${upload.length}`}`, options),
    },
    licence: { read: (options) => call('licence.read', () => ({ name: 'iLO Advanced' }), options), activate: (_key, options) => change('licence.activate', options) },
    accounts: {
      changePassword: (wanted, options) =>
        change('accounts.changePassword', options, () => {
          fake.password = wanted.reveal();
          password = wanted;
        }),
    },
    controller: {
      reset: (options) => change('controller.reset', options, () => void (fake.media = [])),
      waitUntilBack: (options) => call('controller.waitUntilBack', () => undefined, options),
    },
    identifyLight: { read: (options) => call('identifyLight.read', () => 'off' as const, options), set: (on, options) => change(`identifyLight.set ${on}`, options) },
    security: {
      read: (options) => call('security.read', () => ({ overallStatus: 'OK', parameters: [{ name: 'Secure Boot', status: 'Ok', state: null, ignored: false }], settings: {} }), options),
      setIgnored: (parameter, ignored, options) => change(`security.setIgnored ${parameter} ${ignored}`, options),
      setMinimumPasswordLength: (length, options) => change(`security.setMinimumPasswordLength ${length}`, options),
      setLoginFailureThreshold: (failures, options) => change(`security.setLoginFailureThreshold ${failures}`, options),
    },
    httpBoot: {
      read: (options) => call('httpBoot.read', () => fake.bootUrl, options),
      set: (url, options) => change(`httpBoot.set ${url?.href ?? null}`, options, () => void (fake.bootUrl = url?.href ?? null)),
    },
    certificates: {
      read: (options) => call('certificates.read', () => fake.trusted.map((fingerprint) => ({ fingerprint, subject: null })), options),
      add: (certificates, options) =>
        change(`certificates.add ${certificates.length}`, options, () => void fake.trusted.push(...certificates.map((text) => new X509Certificate(text).fingerprint256))),
      remove: (fingerprints, options) => change(`certificates.remove ${fingerprints?.join() ?? 'all'}`, options),
    },
    httpsCertificate: {
      read: (options) => call('httpsCertificate.read', () => ({ request: fake.certificate.request, subject: 'CN = ilo', issuer: 'CN = ca', validFrom: null, validUntil: null }), options),
      createRequest: ({ commonName, organizationalUnit }, options) =>
        call(`httpsCertificate.createRequest ${commonName} ${organizationalUnit ?? '-'}`, () => (fake.certificate.request = 'REQUEST'), options, true),
      fingerprint: (options) => call('httpsCertificate.fingerprint', () => fake.certificate.fingerprint, options),
      import: (pem, options) =>
        call('httpsCertificate.import', () => {
          const fingerprint = new X509Certificate(pem).fingerprint256.replaceAll(':', '').toLowerCase();
          fake.certificate.fingerprint = fingerprint;
          return { fingerprint, pinned: fake.certificate.pinned };
        }, options, true),
    },
    subscriptions: {
      list: (options) => call('subscriptions.list', () => [...fake.subscriptions], options),
      readCollection: (options) => call('subscriptions.readCollection', () => ({ Members: fake.subscriptions.map(({ id }) => ({ '@odata.id': `/s/${id}` })) }), options),
      read: (id, options) => call(`subscriptions.read ${id}`, () => fake.subscriptions.find((each) => each.id === id) ?? raise(id), options),
      create: ({ httpHeaders: _secret, ...wanted }, options) =>
        call(`subscriptions.create ${wanted.destination}`, () => {
          const made = { context: '', protocol: 'Redfish', eventTypes: ['Alert'], ...wanted, id: String(fake.subscriptions.length + 1) };
          fake.subscriptions.push(made);
          return made;
        }, options, true),
      remove: (id, options) => change(`subscriptions.remove ${id}`, options, () => void fake.subscriptions.splice(fake.subscriptions.findIndex((each) => each.id === id), 1)),
      test: (message, options) => change(`subscriptions.test ${message}`, options),
    },
    secureErase: { isOffered: (options) => call('secureErase.isOffered', () => true, options), start: (options) => change('secureErase.start', options) },
    [Symbol.asyncDispose]: async () => void (fake.closed += 1),
  };
}

function raise(id: string): never {
  throw new FerricError('NOT_FOUND', `There is no subscription ${id}`);
}
