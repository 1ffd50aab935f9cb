import { join } from 'node:path';
import { invalidOptions, printValue, revealSealed, Secret, throwIfAborted, type MediaServices, type Medium } from '@ferric/core';
import { createImageFolders, imagePath } from '../boot/image-folders.js';
import type { Store } from '../store/store.js';
import type { Authorities } from './authorities.js';
import { writeBootImage } from './boot-image.js';
import { createConductorAddress, type AddressSettings } from './conductor-address.js';
import { mediumPath } from './media-address.js';
import type { MediaService } from './media-service.js';
import { createMediaTimeline, type MediaTimelineParts } from './media-timeline.js';
import { writeParametersImage } from './parameters-image.js';
import { createPublishedFiles, MEDIUM_NAMES } from './published-files.js';

export interface MediaSettings extends AddressSettings {
  readonly authorities: Authorities;
  readonly dataDir: string;
  /** Folders whose files machines may load. */
  readonly imageDirs: readonly string[];
  /** Where programs are looked for, as PATH has it. Default: the PATH of this process. */
  readonly searchPath?: string | undefined;
}

/** Virtual media: what strategies make and publish, and what the API serves of it. */
export interface Media {
  readonly services: MediaServices;
  readonly service: MediaService;
  /** Removes what no node names any more, such as the rest of a process that was killed. */
  sweep(): Promise<void>;
}

/** Folder below the data folder with what is served. */
const FOLDER = 'media';

export function createMedia(parts: MediaTimelineParts & { readonly store: Pick<Store, 'write' | 'nodes'> }, settings: MediaSettings): Media {
  const { store, logger, clock, hostname } = parts;
  const folders = createImageFolders(settings.imageDirs);
  const files = createPublishedFiles({ folder: join(settings.dataDir, FOLDER), clock, hostname });
  const address = createConductorAddress(settings);
  const timeline = createMediaTimeline(parts);

  const make = (medium: Medium, workFolder: string, image: string, signal: AbortSignal): Promise<void> => {
    const options = { workFolder, image, folders, signal, searchPath: settings.searchPath };
    return medium.kind === 'boot' ? writeBootImage(medium, options) : writeParametersImage(medium, options);
  };

  return {
    services: {
      conductorUrl: (node, { signal }) => address.forMachine(node, signal),
      controllerUrl: (node, { signal }) => address.forController(node, signal),
      authorities: settings.authorities,
      async address(node, reference, { signal }) {
        const scheme = URL.parse(reference)?.protocol;
        if (scheme === 'http:' || scheme === 'https:') return reference;
        if (scheme === 'file:') return `${await address.forController(node, signal)}${imagePath(await folders.locate(reference))}`;
        throw invalidOptions('Virtual media', [{ field: 'image', problem: 'invalid', expected: 'an http, https or file address', received: printValue(reference) }]);
      },
      async publish(node, key, medium, { signal }) {
        const place = { nodeUuid: node.uuid, key: key.reveal(), name: MEDIUM_NAMES[medium.kind] };
        const base = await address.forController(node, signal);
        throwIfAborted(signal);
        await files.put(place, (workFolder, image) => make(medium, workFolder, image, signal));
        const file = await files.find(place);
        timeline.published(node.uuid, place.name, file?.status.size ?? 0n);
        return new Secret(`${base}${mediumPath(place)}`);
      },
      withdraw: (node) => files.remove(node.uuid),
    },
    service: {
      async find(place, requester, { noted }) {
        const file = await files.find(place);
        if (file !== undefined && noted) timeline.fetched(place.nodeUuid.toLowerCase(), place.name, requester);
        return file;
      },
    },
    async sweep() {
      const removed = await files.sweep(async (nodeUuid, key) => {
        const node = await store.nodes.get(nodeUuid);
        return node !== undefined && JSON.stringify(revealSealed(node.driverInternalInfo)).includes(key);
      });
      if (removed.length > 0) logger.info({ nodes: removed }, 'Left-over virtual media were removed');
    },
  };
}
