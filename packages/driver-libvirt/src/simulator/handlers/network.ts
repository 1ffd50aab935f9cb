import type { Call, Procedure, ProcedureTable } from '../daemon/procedure.js';
import { LEASE_SECONDS, leasesOf } from '../network/leases.js';
import { bridgeOf, type VirtualNetwork } from '../network/networks.js';
import { updateNetwork } from '../network/update.js';
import { ERROR, ERROR_DOMAIN, RemoteError } from '../wire/remote-error.js';
import { readNamed, readUuid, writeNamed } from '../wire/structs.js';
import { writeXml } from '../xml/element.js';
import { LASTING_FILTERS, matchesFilters } from './filters.js';

const IPV4 = 0;

function onNetwork(name: string, answer: (network: VirtualNetwork, call: Call) => void, changes?: 'host'): Procedure {
  return { name, ...(changes === undefined ? {} : { changes }), answer: (call) => answer(call.host.networks.byReference(readNamed(call.args)), call) };
}

function fromXml(name: string, make: (call: Call, xml: string) => VirtualNetwork, hasFlags = false): Procedure {
  return {
    name,
    changes: 'host',
    answer(call) {
      const xml = call.args.string();
      if (hasFlags) call.args.unsigned();
      writeNamed(call.reply, make(call, xml));
    },
  };
}

function listAll({ host, args, reply }: Call): void {
  const wantsResults = args.int() !== 0;
  const flags = args.unsigned();
  const found = host.networks.list().filter((network) => matchesFilters(LASTING_FILTERS, flags, network));
  reply.list(wantsResults ? found : [], writeNamed).unsigned(found.length);
}

function leases(network: VirtualNetwork, { host, args, reply }: Call): void {
  const mac = args.optionalString();
  const wantsResults = args.int() !== 0;
  args.unsigned();
  const found = leasesOf(network, host.domains.list()).filter((lease) => mac === null || lease.mac === mac.toLowerCase());
  const expiry = BigInt(Math.floor(host.clock.now().getTime() / 1000)) + LEASE_SECONDS;
  reply.list(wantsResults ? found : [], (writer, lease) => {
    writer.string(lease.bridge).hyper(expiry).int(IPV4).optionalString(lease.mac).optionalString(null);
    writer.string(lease.address).unsigned(lease.prefix).optionalString(lease.hostname).optionalString(null);
  });
  reply.unsigned(found.length);
}

function bridge(network: VirtualNetwork, { reply }: Call): void {
  const name = bridgeOf(network);
  if (name === undefined) throw new RemoteError(ERROR.internal, ERROR_DOMAIN.network, `network '${network.name}' does not have a bridge name.`);
  reply.string(name);
}

function setAutostart(network: VirtualNetwork, { args }: Call): void {
  const wanted = args.boolean();
  if (!network.isPersistent) throw new RemoteError(ERROR.operationInvalid, ERROR_DOMAIN.network, 'cannot set autostart for transient network');
  network.autostart = wanted;
}

function update(network: VirtualNetwork, { args }: Call): void {
  const command = args.unsigned();
  const section = args.unsigned();
  // The place of the parent element; there is only one here.
  args.int();
  updateNetwork(network, { command, section, xml: args.string(), flags: args.unsigned() });
}

function names(pick: (network: VirtualNetwork) => boolean): (call: Call) => void {
  return ({ host, args, reply }) => {
    const most = args.int();
    reply.list(host.networks.list().filter(pick).slice(0, Math.max(0, most)), (writer, network) => writer.string(network.name));
  };
}

function count(pick: (network: VirtualNetwork) => boolean): (call: Call) => void {
  return ({ host, reply }) => void reply.int(host.networks.list().filter(pick).length);
}

const isActive = (network: VirtualNetwork): boolean => network.isActive;
const isInactive = (network: VirtualNetwork): boolean => !network.isActive;
const define = ({ host }: Call, xml: string): VirtualNetwork => host.networks.define(xml);
const create = ({ host }: Call, xml: string): VirtualNetwork => host.networks.createTransient(xml);

export const networkProcedures: ProcedureTable = {
  36: { name: 'virConnectListDefinedNetworks', answer: names(isInactive) },
  38: { name: 'virConnectListNetworks', answer: names(isActive) },
  39: onNetwork('virNetworkCreate', (network, { host }) => host.networks.start(network), 'host'),
  40: fromXml('virNetworkCreateXML', create),
  41: fromXml('virNetworkDefineXML', define),
  42: onNetwork('virNetworkDestroy', (network, { host }) => host.networks.stop(network), 'host'),
  43: onNetwork('virNetworkGetXMLDesc', (network, { reply }) => void reply.string(writeXml(network.definition))),
  44: onNetwork('virNetworkGetAutostart', (network, { reply }) => void reply.boolean(network.autostart)),
  45: onNetwork('virNetworkGetBridgeName', bridge),
  46: { name: 'virNetworkLookupByName', answer: ({ host, args, reply }) => writeNamed(reply, host.networks.byName(args.string())) },
  47: { name: 'virNetworkLookupByUUID', answer: ({ host, args, reply }) => writeNamed(reply, host.networks.byUuid(readUuid(args))) },
  48: onNetwork('virNetworkSetAutostart', setAutostart, 'host'),
  49: onNetwork('virNetworkUndefine', (network, { host }) => host.networks.undefine(network), 'host'),
  50: { name: 'virConnectNumOfDefinedNetworks', answer: count(isInactive) },
  52: { name: 'virConnectNumOfNetworks', answer: count(isActive) },
  152: onNetwork('virNetworkIsActive', (network, { reply }) => void reply.boolean(network.isActive)),
  153: onNetwork('virNetworkIsPersistent', (network, { reply }) => void reply.boolean(network.isPersistent)),
  283: { name: 'virConnectListAllNetworks', answer: listAll },
  291: onNetwork('virNetworkUpdate', update, 'host'),
  341: onNetwork('virNetworkGetDHCPLeases', leases),
  432: fromXml('virNetworkDefineXMLFlags', define, true),
  437: fromXml('virNetworkCreateXMLFlags', create, true),
};
