import type { Call, ProcedureTable } from '../daemon/procedure.js';
import type { Guest } from '../domain/guest.js';
import { STATE } from '../domain/states.js';
import { statisticsOf } from '../domain/statistics.js';
import { MOST_DOMAINS } from '../domain/domains.js';
import { readDomain, readUuid, writeDomain, writeParameter } from '../wire/structs.js';
import { type FilterGroups, matchesFilters } from './filters.js';
import { checkFlags } from './flags.js';

/** Source: libvirt 9.0.0, include/libvirt/libvirt-domain.h, virConnectListAllDomainsFlags. */
const FILTERS: FilterGroups<Guest> = [
  [[1 << 0, (guest) => guest.isActive], [1 << 1, (guest) => !guest.isActive]],
  [[1 << 2, (guest) => guest.definition !== undefined], [1 << 3, (guest) => guest.definition === undefined]],
  [
    [1 << 4, (guest) => guest.state === STATE.running],
    [1 << 5, (guest) => guest.state === STATE.paused],
    [1 << 6, (guest) => guest.state === STATE.shutOff],
    [1 << 7, (guest) => guest.state === STATE.crashed || guest.state === STATE.suspendedByGuest],
  ],
  [[1 << 8, () => false], [1 << 9, () => true]],
  [[1 << 10, (guest) => guest.autostart], [1 << 11, (guest) => !guest.autostart]],
  [[1 << 12, () => false], [1 << 13, () => true]],
  [[1 << 14, () => false], [1 << 15, () => true]],
];
const FILTER_BITS = (1 << 16) - 1;
/** Statistics may be limited by the first three groups; the highest bits say how they are taken. */
const STATISTICS_FILTER_BITS = (1 << 8) - 1;
const STATISTICS_WAYS = (1 << 29) | (1 << 30) | (1 << 31);

function listAll({ host, args, reply }: Call): void {
  const wantsResults = args.int() !== 0;
  const flags = args.unsigned();
  checkFlags(flags, FILTER_BITS, 'qemuConnectListAllDomains');
  const found = host.domains.list().filter((guest) => matchesFilters(FILTERS, flags, guest));
  reply.list(wantsResults ? found : [], (writer, guest) => writeDomain(writer, guest.reference)).unsigned(found.length);
}

function allStatistics({ host, args, reply }: Call): void {
  const wanted = args.list(MOST_DOMAINS, () => readDomain(args));
  const groups = args.unsigned();
  const flags = args.unsigned();
  checkFlags(flags, STATISTICS_FILTER_BITS | STATISTICS_WAYS, 'qemuConnectGetAllDomainStats');
  // Domains that are gone are left out, not reported.
  const guests = wanted.length === 0 ? host.domains.list() : wanted.flatMap(({ uuid }) => host.domains.findByUuid(uuid) ?? []);
  const found = guests.filter((guest) => matchesFilters(FILTERS, flags & STATISTICS_FILTER_BITS, guest));
  reply.list(found, (writer, guest) => {
    writeDomain(writer, guest.reference);
    writer.list(statisticsOf(guest, groups), writeParameter);
  });
}

/** Lists of before there were structures: numbers of those that run, names of the others. */
function oldList(pick: (guest: Guest) => boolean, write: (call: Call, found: readonly Guest[]) => void): (call: Call) => void {
  return (call) => {
    const most = call.args.int();
    write(call, call.host.domains.list().filter(pick).slice(0, Math.max(0, most)));
  };
}

const isActive = (guest: Guest): boolean => guest.isActive;
const isInactive = (guest: Guest): boolean => !guest.isActive;

export const domainListProcedures: ProcedureTable = {
  21: {
    name: 'virConnectListDefinedDomains',
    answer: oldList(isInactive, ({ reply }, found) => void reply.list(found, (writer, guest) => writer.string(guest.name))),
  },
  22: { name: 'virDomainLookupByID', answer: ({ host, args, reply }) => writeDomain(reply, host.domains.byId(args.int()).reference) },
  23: { name: 'virDomainLookupByName', answer: ({ host, args, reply }) => writeDomain(reply, host.domains.byName(args.string()).reference) },
  24: { name: 'virDomainLookupByUUID', answer: ({ host, args, reply }) => writeDomain(reply, host.domains.byUuid(readUuid(args)).reference) },
  25: { name: 'virConnectNumOfDefinedDomains', answer: ({ host, reply }) => void reply.int(host.domains.list().filter(isInactive).length) },
  37: {
    name: 'virConnectListDomains',
    answer: oldList(isActive, ({ reply }, found) => void reply.list(found, (writer, guest) => writer.int(guest.id))),
  },
  51: { name: 'virConnectNumOfDomains', answer: ({ host, reply }) => void reply.int(host.domains.list().filter(isActive).length) },
  273: { name: 'virConnectListAllDomains', answer: listAll },
  344: { name: 'virConnectGetAllDomainStats', answer: allStatistics },
};
