import type { Call, Procedure, ProcedureTable } from '../daemon/procedure.js';
import type { Guest } from '../domain/guest.js';
import { withoutPasswords } from '../domain/live.js';
import { requireRunning } from '../domain/scopes.js';
import { formOf, memoryOf, processorsOf } from '../domain/statistics.js';
import { leasesOf } from '../network/leases.js';
import { capacityOf } from '../storage/volumes.js';
import { ERROR, ERROR_DOMAIN, RemoteError } from '../wire/remote-error.js';
import { readDomain } from '../wire/structs.js';
import { elementAt, elementsOf, textOf, writeXml, type XmlElement } from '../xml/element.js';
import { checkFlags } from './flags.js';

/** Source: libvirt 9.0.0, include/libvirt/libvirt-domain.h, virDomainXMLFlags, virDomainInterfaceAddressesSource. */
const XML = { secure: 1, inactive: 2, known: 1 | 2 | 4 | 8 } as const;
const ADDRESSES_FROM = { lease: 0, agent: 1, arp: 2 } as const;
const IPV4 = 0;
/** The kernel's table of neighbours knows no networks. */
const ARP_PREFIX = 0;

/** A procedure that takes a domain, flags where it has some, and changes nothing. */
function read(name: string, answer: (guest: Guest, call: Call) => void): Procedure {
  return { name, answer: (call) => answer(call.host.domains.byReference(readDomain(call.args)), call) };
}

function xml(guest: Guest, { session, args, reply }: Call): void {
  const flags = args.unsigned();
  const isReadOnly = session.opening.state === 'open' && session.opening.isReadOnly;
  const wantsPasswords = (flags & XML.secure) !== 0;
  if (isReadOnly && wantsPasswords) throw new RemoteError(ERROR.denied, ERROR_DOMAIN.domain, 'virDomainGetXMLDesc with secure flag');
  checkFlags(flags, XML.known, 'qemuDomainGetXMLDesc');
  const form = (flags & XML.inactive) === 0 ? formOf(guest) : (guest.definition ?? guest.live);
  if (form !== undefined) reply.string(writeXml(wantsPasswords ? form : withoutPasswords(form)));
}

function info(guest: Guest, { reply }: Call): void {
  const { maximum, current } = memoryOf(guest);
  reply.unsigned(guest.state).unsignedHyper(maximum).unsignedHyper(current).unsigned(processorsOf(guest)).unsignedHyper(guest.cpuTimeNanoseconds);
}

function addresses(guest: Guest, { host, args, reply }: Call): void {
  const source = args.unsigned();
  args.unsigned();
  requireRunning(guest);
  if (source === ADDRESSES_FROM.agent) throw new RemoteError(ERROR.argumentUnsupported, ERROR_DOMAIN.qemu, 'QEMU guest agent is not configured');
  if (source > ADDRESSES_FROM.arp) throw new RemoteError(ERROR.argumentUnsupported, ERROR_DOMAIN.qemu, `Unknown IP address data source ${source}`);
  const leases = new Map(host.networks.list().flatMap((network) => leasesOf(network, host.domains.list())).map((lease) => [lease.mac, lease]));
  const found = elementsOf(elementAt(guest.live, 'devices'), 'interface').flatMap((nic) => {
    const lease = leases.get(elementAt(nic, 'mac')?.attributes.get('address') ?? '');
    return lease === undefined ? [] : [{ name: elementAt(nic, 'target')?.attributes.get('dev') ?? '', lease }];
  });
  reply.list(found, (writer, { name, lease }) => {
    writer.string(name).optionalString(lease.mac);
    const prefix = source === ADDRESSES_FROM.arp ? ARP_PREFIX : lease.prefix;
    writer.list([lease], (inner, { address }) => inner.int(IPV4).string(address).unsigned(prefix));
  });
}

/** Tags of memory statistics. Source: libvirt 9.0.0, include/libvirt/libvirt-domain.h, virDomainMemoryStatTags. */
const MEMORY_TAG = { balloon: 6, resident: 7 } as const;

function memoryStatistics(guest: Guest, { reply }: Call): void {
  requireRunning(guest);
  const { current } = memoryOf(guest);
  const statistics = [[MEMORY_TAG.balloon, current], [MEMORY_TAG.resident, current / 2n]] as const;
  reply.list(statistics, (writer, [tag, value]) => writer.int(tag).unsignedHyper(value));
}

function blockInfo(guest: Guest, { host, args, reply }: Call): void {
  const path = args.string();
  args.unsigned();
  const invalid = (text: string): RemoteError => new RemoteError(ERROR.invalidArgument, ERROR_DOMAIN.qemu, text);
  const disks = elementsOf(elementAt(formOf(guest), 'devices'), 'disk');
  const fileOf = (each: XmlElement): string | undefined => elementAt(each, 'source')?.attributes.get('file');
  const disk = disks.find((each) => elementAt(each, 'target')?.attributes.get('dev') === path || fileOf(each) === path);
  if (disk === undefined) throw invalid(`invalid path ${path} not assigned to domain`);
  const file = fileOf(disk);
  if (file === undefined) throw invalid(`disk '${path}' does not currently have a source assigned`);
  const volume = host.pools.findByPath(file)?.volume;
  const missing = `cannot stat file '${file}': No such file or directory`;
  // ENOENT
  if (volume === undefined) throw new RemoteError(ERROR.system, ERROR_DOMAIN.qemu, missing, { int1: 2, int2: -1 });
  reply.unsignedHyper(BigInt(volume.content.allocated)).unsignedHyper(capacityOf(volume)).unsignedHyper(BigInt(volume.content.length));
}

export const domainFactProcedures: ProcedureTable = {
  14: read('virDomainGetXMLDesc', xml),
  15: read('virDomainGetAutostart', (guest, { reply }) => void reply.boolean(guest.autostart)),
  16: read('virDomainGetInfo', info),
  17: read('virDomainGetMaxMemory', (guest, { reply }) => void reply.unsignedHyper(memoryOf(guest).maximum)),
  18: read('virDomainGetMaxVcpus', (guest, { reply }) => void reply.int(processorsOf(guest))),
  19: read('virDomainGetOSType', (guest, { reply }) => void reply.string(textOf(elementAt(formOf(guest), 'os', 'type')) ?? '')),
  // No security model: one label, which is empty, and nobody enforces it.
  121: read('virDomainGetSecurityLabel', (_guest, { reply }) => void reply.characters(Buffer.from('\0')).int(0)),
  150: read('virDomainIsActive', (guest, { reply }) => void reply.boolean(guest.isActive)),
  151: read('virDomainIsPersistent', (guest, { reply }) => void reply.boolean(guest.definition !== undefined)),
  159: read('virDomainMemoryStats', memoryStatistics),
  183: read('virDomainHasManagedSaveImage', (_guest, { reply }) => void reply.int(0)),
  187: read('virDomainSnapshotNum', (_guest, { reply }) => void reply.int(0)),
  194: read('virDomainGetBlockInfo', blockInfo),
  200: read('virDomainGetVcpusFlags', (guest, { reply }) => void reply.int(processorsOf(guest))),
  202: read('virDomainIsUpdated', (_guest, { reply }) => void reply.boolean(false)),
  212: read('virDomainGetState', (guest, { reply }) => void reply.int(guest.state).int(guest.reason)),
  353: read('virDomainInterfaceAddresses', addresses),
  426: read('virDomainGetMessages', (_guest, { reply }) => void reply.unsigned(0)),
};
