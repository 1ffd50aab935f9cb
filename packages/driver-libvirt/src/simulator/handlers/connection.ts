import { randomUUID } from 'node:crypto';
import type { Call, ProcedureTable } from '../daemon/procedure.js';
import { capabilitiesXml, domainCapabilitiesXml, HYPERVISOR_TYPE, HYPERVISOR_VERSION, LIBRARY_VERSION, MOST_PROCESSORS, NODE } from '../host/facts.js';
import { ERROR, ERROR_DOMAIN, RemoteError } from '../wire/remote-error.js';

/** The host has one, the same for all of its life. */
const HOST_UUID = randomUUID();

const READ_ONLY = 1;
const DEFAULT_URI = 'qemu:///system';

/** What this daemon can open. */
const KNOWN_URI = /^qemu(?:\+[a-z]+)?:\/\/\/(?:system|session)(?:\?.*)?$/;

/** Features by number, as libvirt 9.0.0 with QEMU answers. Source: src/libvirt_internal.h, virDrvFeature; answers recorded from a real daemon. */
const FEATURES: ReadonlySet<number> = new Set([3, 4, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]);
/** The one that may be asked for before the connection is open. */
const FEATURE_KEEP_ALIVE = 10;

const rpcInternal = (text: string): RemoteError => new RemoteError(ERROR.internal, ERROR_DOMAIN.rpc, text);

function open({ session, args }: Call): void {
  const name = args.optionalString();
  const flags = args.unsigned();
  const { state } = session.opening;
  if (state === 'broken') throw rpcInternal('connection not open');
  // A second attempt takes away what the first one got.
  if (state === 'open') {
    session.opening = { state: 'broken' };
    throw rpcInternal('connection already open');
  }
  const uri = name === null || name === '' ? DEFAULT_URI : name;
  if (!KNOWN_URI.test(uri)) {
    session.opening = { state: 'broken' };
    throw new RemoteError(ERROR.noConnectionDriver, ERROR_DOMAIN.none, uri);
  }
  session.opening = { state: 'open', uri, isReadOnly: (flags & READ_ONLY) !== 0 };
}

function supportsFeature({ session, args, reply }: Call): void {
  const feature = args.int();
  if (feature !== FEATURE_KEEP_ALIVE && session.opening.state !== 'open') throw rpcInternal('hypervisor connection not open');
  if (feature === FEATURE_KEEP_ALIVE) session.link.startKeepAlive();
  reply.boolean(FEATURES.has(feature));
}

function nodeInfo({ reply }: Call): void {
  const model = Buffer.alloc(32);
  model.write(NODE.model);
  for (const character of model) reply.int(character);
  reply.unsignedHyper(NODE.memoryKibibytes).int(NODE.processors).int(NODE.megahertz);
  reply.int(NODE.cells).int(NODE.sockets).int(NODE.cores).int(NODE.threads);
}

export const connectionProcedures: ProcedureTable = {
  1: { name: 'virConnectOpen', from: 'authenticated', answer: open },
  2: { name: 'virConnectClose', from: 'authenticated', answer: ({ session }) => session.link.endAfterAnswer() },
  3: { name: 'virConnectGetType', answer: ({ reply }) => void reply.string(HYPERVISOR_TYPE) },
  4: { name: 'virConnectGetVersion', answer: ({ reply }) => void reply.unsignedHyper(HYPERVISOR_VERSION) },
  5: { name: 'virConnectGetMaxVcpus', answer: ({ reply }) => void reply.int(MOST_PROCESSORS) },
  6: { name: 'virNodeGetInfo', answer: nodeInfo },
  7: { name: 'virConnectGetCapabilities', answer: ({ reply }) => void reply.string(capabilitiesXml(HOST_UUID)) },
  59: { name: 'virConnectGetHostname', answer: ({ host, reply }) => void reply.string(host.settings.hostname) },
  60: { name: 'virConnectSupportsFeature', from: 'authenticated', answer: supportsFeature },
  102: { name: 'virNodeGetFreeMemory', answer: ({ reply }) => void reply.unsignedHyper(NODE.freeMemoryBytes) },
  110: {
    name: 'virConnectGetURI',
    answer: ({ session, reply }) => void reply.string(session.opening.state === 'open' ? session.opening.uri : DEFAULT_URI),
  },
  122: { name: 'virNodeGetSecurityModel', answer: ({ reply }) => void reply.characters(Buffer.from('none\0')).characters(Buffer.from('0\0')) },
  // How the daemon reaches its hypervisor; whether the client's own way is safe, the client knows.
  149: { name: 'virConnectIsSecure', answer: ({ reply }) => void reply.boolean(true) },
  157: { name: 'virConnectGetLibVersion', answer: ({ reply }) => void reply.unsignedHyper(LIBRARY_VERSION) },
  342: {
    name: 'virConnectGetDomainCapabilities',
    answer({ args, reply }) {
      const [emulator = null, architecture = null, machine = null, virtualizationType = null] = [0, 1, 2, 3].map(() => args.optionalString());
      reply.string(domainCapabilitiesXml({ emulator, architecture, machine, virtualizationType }));
    },
  },
  360: { name: 'virConnectRegisterCloseCallback', answer: () => undefined },
  361: { name: 'virConnectUnregisterCloseCallback', answer: () => undefined },
};
