import { FerricError, isUuid, printValue, toFerricError } from '@ferric/core';
import { BOOT_FILE_ROLES, BOOT_INTERFACES, bootFileReference, bootScript, entryScript, errorScript, type BootFileRole, type BootScript, type BootSettings } from '@ferric/ipxe-config';
import type { ConductorContext } from '../nodes/conductor-context.js';
import type { StoredNode } from '../nodes/stored-node.js';
import { createBootTimeline, type BootTimeline } from './boot-timeline.js';
import type { BootFile, BootRequester, BootService } from './boot-service.js';
import { createImageFolders, type ImageFolders } from './image-folders.js';
import { readScriptQuery, type ScriptQuery } from './script-query.js';
import { createSeldom } from './seldom.js';

export interface BootServiceSettings {
  readonly boot: BootSettings;
  /** Folders whose files machines may load. */
  readonly imageDirs: readonly string[];
}

/** What the functions here share. */
interface Parts {
  readonly context: ConductorContext;
  readonly settings: BootServiceSettings;
  readonly folders: ImageFolders;
  readonly timeline: BootTimeline;
}

/** The boot service on a store. */
export function createBootService(context: ConductorContext, settings: BootServiceSettings): BootService {
  const folders = createImageFolders(settings.imageDirs);
  const parts: Parts = { context, settings, folders, timeline: createBootTimeline(context) };
  const warned = createSeldom({ clock: context.clock });

  /** One line per node, or per address where no node is known, and minute. */
  const refuse = (reason: string, requester: BootRequester, node?: StoredNode, error?: unknown): string => {
    if (warned.first(node?.uuid ?? requester.address)) {
      const fields = { requestId: requester.requestId, address: requester.address, ...(node === undefined ? {} : { node: node.uuid }) };
      context.logger.warn({ ...fields, reason, ...(error === undefined ? {} : { error }) }, 'A machine got the error script: there is nothing to boot for it');
    }
    if (node !== undefined) parts.timeline.scriptRefused(node, reason, requester);
    return errorScript({ reference: requester.requestId, allowShell: settings.boot.allowShell });
  };

  return {
    boots: (bootInterface) => (BOOT_INTERFACES as readonly string[]).includes(context.registry.strategyName('boot', bootInterface)),
    refuse: (reason, requester) => refuse(reason, requester),

    async script(request) {
      const { requester } = request;
      let node: StoredNode | undefined;
      try {
        const query = readScriptQuery(request.query);
        if (typeof query === 'string') return refuse(query, requester);
        node = await findNode(context, query);
        if (node === undefined) return refuse('no node has this UUID or a port with this MAC address', requester);
        const wrong = wrongDriver(context, node, request.driver);
        if (wrong !== undefined) return refuse(wrong, requester, node);
        const made = makeScript(parts, node, request.base);
        parts.timeline.scriptServed(node, made, requester);
        return made.script;
      } catch (error) {
        const { code, message, hint } = toFerricError(error);
        // Only what is not about the node is told with its stack.
        const foreseen = code === 'CONFLICT' || code === 'INVALID_OPTIONS';
        return refuse(hint === undefined || !foreseen ? message : `${message}. ${hint}`, requester, node, foreseen ? undefined : error);
      }
    },

    entry({ base, driver, requester }) {
      try {
        return entryScript({ apiUrl: base, driver });
      } catch (error) {
        return refuse(toFerricError(error).message, requester);
      }
    },

    problemOf(query) {
      const read = readScriptQuery(query);
      return typeof read === 'string' ? read : undefined;
    },

    file: (nodeUuid, role, requester, { noted }) => findFile(parts, nodeUuid, role, noted ? requester : undefined),
    image: (folder, path) => (/^\d{1,4}$/.test(folder) ? folders.find(Number(folder), path) : Promise.resolve(undefined)),
  };
}

async function findNode({ store }: ConductorContext, query: ScriptQuery): Promise<StoredNode | undefined> {
  if ('nodeUuid' in query) return store.nodes.get(query.nodeUuid);
  const [port] = await store.ports.all({ addresses: [query.portAddress] });
  return port === undefined ? undefined : store.nodes.get(port.nodeUuid);
}

/** A node may carry the name of a type or of one of its aliases, and so may the address. */
function wrongDriver({ registry }: ConductorContext, node: StoredNode, driver: string | undefined): string | undefined {
  if (driver === undefined) return undefined;
  const typeName = (name: string): string => registry.hardwareType(name)?.type.name ?? name;
  return typeName(driver) === typeName(node.driver) ? undefined : `it asked as a machine of the hardware type ${printValue(driver)}, and its node has the driver ${node.driver}`;
}

/** Where a machine loads its files from, below the address under which it reached the conductor. */
function bootFilePath(nodeUuid: string, role: BootFileRole): string {
  return `/ferric/v1/boot/${nodeUuid}/${role}`;
}

function makeScript({ context: { registry }, settings }: Pick<Parts, 'context' | 'settings'>, node: StoredNode, base: string): BootScript {
  const { boot, deploy } = node.interfaces;
  // The rules know interfaces by the names that strategies give themselves.
  const interfaces = { boot: registry.strategyName('boot', boot), deploy: registry.strategyName('deploy', deploy) };
  return bootScript({ node: { ...node, interfaces }, apiUrl: base, settings: settings.boot, fileUrl: (role) => `${base}${bootFilePath(node.uuid, role)}` });
}

async function findFile({ context, settings, folders, timeline }: Parts, nodeUuid: string, role: string, noted: BootRequester | undefined): Promise<BootFile | undefined> {
  const known = BOOT_FILE_ROLES.find((each) => each === role);
  const node = known === undefined || !isUuid(nodeUuid) ? undefined : await context.store.nodes.get(nodeUuid.toLowerCase());
  if (known === undefined || node === undefined) return undefined;
  try {
    // What the files are does not depend on the address that the script would name.
    if (!makeScript({ context, settings }, node, 'http://conductor').files.includes(known)) return undefined;
    const file = await locate(folders, bootFileReference(node, known, settings.boot));
    if (noted !== undefined) timeline.fileFetched(node, known, noted);
    return file;
  } catch (error) {
    if (!FerricError.is(error) || (error.code !== 'CONFLICT' && error.code !== 'INVALID_OPTIONS')) throw error;
    if (noted !== undefined) timeline.fileRefused(node, known, error.message, noted);
    return undefined;
  }
}

async function locate(folders: ImageFolders, reference: string | undefined): Promise<BootFile> {
  if (reference === undefined) throw new FerricError('CONFLICT', 'Nobody named this file');
  const url = new URL(reference);
  if (url.protocol === 'file:') return { kind: 'here', file: await folders.locate(reference) };
  if (url.username !== '' || url.password !== '') {
    throw new FerricError('INVALID_OPTIONS', 'The address of this file has a user name and password, which everybody on the network of the machine could read', {
      hint: 'Put the file into a folder that --image-dirs names, or onto a server that asks for no password.',
    });
  }
  return { kind: 'elsewhere', url: url.href };
}
