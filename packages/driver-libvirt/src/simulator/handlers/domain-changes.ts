import type { Call, Procedure, ProcedureTable } from '../daemon/procedure.js';
import { type DomainDefinition, parseDefinition } from '../domain/definition.js';
import { attachDevice, detachDevice, parseDevice, updateInDefinition, updateInMachine } from '../domain/devices.js';
import { getMetadata, metadataChange } from '../domain/metadata.js';
import { AFFECT, type Scope, scopeOf } from '../domain/scopes.js';
import { EVENT } from '../domain/states.js';
import { ERROR, ERROR_DOMAIN, RemoteError } from '../wire/remote-error.js';
import { type DomainReference, readDomain, writeDomain } from '../wire/structs.js';
import { cloneElement, elementAt, type XmlElement } from '../xml/element.js';
import { checkFlags } from './flags.js';

/** Source: libvirt 9.0.0, include/libvirt/libvirt-domain.h, virDomainUndefineFlagsValues, virDomainDefineFlags, virDomainCreateFlags. */
const UNDEFINE = { nvram: 4, keepNvram: 8, known: 63 } as const;
const DEFINE_VALIDATE = 1;
const CREATE = { paused: 1, autoDestroy: 2, known: 1 | 2 | 4 | 8 | 16 | 32 } as const;

const invalid = (text: string): RemoteError => new RemoteError(ERROR.operationInvalid, ERROR_DOMAIN.qemu, text);

/** Flags that a procedure takes, and what libvirt calls the function that looks at them. */
interface KnownFlags {
  readonly known: number;
  readonly in: string;
}

/** Changes one form of a domain. */
type DeviceChange = (form: XmlElement, device: XmlElement, isRunning: boolean) => void;

/** Reads an XML text, and flags where there are some. */
function readDefinition({ args }: Call, flags?: KnownFlags): { readonly definition: DomainDefinition; readonly flags: number } {
  const text = args.string();
  const given = flags === undefined ? 0 : args.unsigned();
  if (flags !== undefined) checkFlags(given, flags.known, flags.in);
  return { definition: parseDefinition(text), flags: given };
}

function define(name: string, flags?: KnownFlags): Procedure {
  return {
    name,
    changes: 'machine',
    answer(call) {
      const { definition } = readDefinition(call, flags);
      writeDomain(call.reply, call.host.domains.define(definition).reference);
    },
    pretend: (call) => pretendToDefine(call, readDefinition(call, flags).definition),
  };
}

function pretendToDefine({ host, reply }: Call, { name, uuid }: DomainDefinition): void {
  writeDomain(reply, host.domains.findByUuid(uuid)?.reference ?? { name, uuid, id: -1 });
}

const createFlags = { known: CREATE.known, in: 'qemuDomainCreateXML' };

function undefine({ host }: Call, domain: DomainReference, flags: number): void {
  const guest = host.domains.byReference(domain);
  if (guest.definition === undefined) throw invalid('cannot undefine transient domain');
  const hasNvram = guest.hasNvram || elementAt(guest.definition, 'os', 'nvram') !== undefined;
  if (hasNvram && (flags & (UNDEFINE.nvram | UNDEFINE.keepNvram)) === 0) throw invalid('cannot undefine domain with nvram');
  host.domains.undefine(guest);
}

/** Changes the devices of a domain: in the running machine, in its definition, or in both, all or nothing. */
function changeDevice(name: string, change: DeviceChange, flags?: { readonly in: string }): Procedure {
  return {
    name,
    changes: 'machine',
    answer({ host, args }) {
      const domain = readDomain(args);
      const text = args.string();
      const given = flags === undefined ? AFFECT.live : args.unsigned();
      if (flags !== undefined) checkFlags(given, AFFECT.live | AFFECT.config | FORCE, flags.in);
      const guest = host.domains.byReference(domain);
      const device = parseDevice(text);
      applyBoth(scopeOf(guest, given), (form, isRunning) => change(form, device, isRunning));
    },
  };
}

/** VIR_DOMAIN_DEVICE_MODIFY_FORCE: eject although the guest has locked the tray. */
const FORCE = 4;

/** Tries a change on copies first, so that a change of both forms fails before either has changed. */
function applyBoth({ live, config }: Scope, change: (form: XmlElement, isRunning: boolean) => void): void {
  for (const form of [config, live]) if (form !== undefined) change(cloneElement(form), form === live);
  if (config !== undefined) change(config, false);
  if (live !== undefined) change(live, true);
}

export const domainChangeProcedures: ProcedureTable = {
  8: changeDevice('virDomainAttachDevice', attachDevice),
  10: {
    name: 'virDomainCreateXML',
    changes: 'machine',
    answer(call) {
      const { definition, flags } = readDefinition(call, createFlags);
      const guest = call.host.domains.createTransient(definition, { paused: (flags & CREATE.paused) !== 0 });
      if ((flags & CREATE.autoDestroy) !== 0) call.session.destroyAtEnd(guest);
      writeDomain(call.reply, guest.reference);
    },
    pretend: (call) => pretendToDefine(call, readDefinition(call, createFlags).definition),
  },
  11: define('virDomainDefineXML'),
  13: changeDevice('virDomainDetachDevice', detachDevice),
  29: {
    name: 'virDomainSetAutostart',
    changes: 'machine',
    answer({ host, args }) {
      const guest = host.domains.byReference(readDomain(args));
      const wanted = args.boolean();
      if (guest.definition === undefined) throw invalid('cannot set autostart for transient domain');
      guest.autostart = wanted;
    },
  },
  35: {
    name: 'virDomainUndefine',
    changes: 'machine',
    answer: (call) => undefine(call, readDomain(call.args), 0),
  },
  160: changeDevice('virDomainAttachDeviceFlags', attachDevice, { in: 'qemuDomainAttachDeviceFlags' }),
  161: changeDevice('virDomainDetachDeviceFlags', detachDevice, { in: 'qemuDomainDetachDeviceFlags' }),
  174: changeDevice(
    'virDomainUpdateDeviceFlags',
    (form, device, isRunning) => (isRunning ? updateInMachine(form, device) : updateInDefinition(form, device)),
    { in: 'qemuDomainUpdateDeviceFlags' },
  ),
  231: {
    name: 'virDomainUndefineFlags',
    changes: 'machine',
    answer(call) {
      const domain = readDomain(call.args);
      const flags = call.args.unsigned();
      checkFlags(flags, UNDEFINE.known, 'qemuDomainUndefineFlags');
      undefine(call, domain, flags);
    },
  },
  264: {
    name: 'virDomainSetMetadata',
    changes: 'machine',
    answer({ host, args }) {
      const domain = readDomain(args);
      const metadata = { type: args.int(), value: args.optionalString(), key: args.optionalString(), uri: args.optionalString() };
      const flags = args.unsigned();
      checkFlags(flags, AFFECT.live | AFFECT.config, 'qemuDomainSetMetadata');
      const guest = host.domains.byReference(domain);
      const change = metadataChange(metadata);
      const { live, config } = scopeOf(guest, flags);
      for (const form of [live, config]) if (form !== undefined) change(form);
      host.events.emit(EVENT.metadataChange, guest.reference, (writer) => void writer.int(metadata.type).optionalString(metadata.uri));
    },
  },
  265: {
    name: 'virDomainGetMetadata',
    answer({ host, args, reply }) {
      const domain = readDomain(args);
      const type = args.int();
      const uri = args.optionalString();
      const flags = args.unsigned();
      const guest = host.domains.byReference(domain);
      const { live, config } = scopeOf(guest, flags);
      const form = live ?? config;
      if (form !== undefined) reply.string(getMetadata(form, type, uri));
    },
  },
  350: define('virDomainDefineXMLFlags', { known: DEFINE_VALIDATE, in: 'qemuDomainDefineXMLFlags' }),
};
