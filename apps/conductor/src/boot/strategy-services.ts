import { FerricError, invalidOptions, printValue, type Clock, type Logger, type MediaServices, type NodeView, type StrategyServices } from '@ferric/core';
import { readAgentRecord } from '@ferric/agent';
import { buildConfigDrive } from '../config-drive/build-config-drive.js';
import { createFileChecksums } from './file-checksums.js';
import { createImageFolders, imagePath } from './image-folders.js';

export interface StrategyServiceSettings {
  /** Base of the addresses that machines get. Default: the one under which each machine spoke to the conductor. */
  readonly publicEndpoint?: string | undefined;
  /** Folders whose files machines may load. */
  readonly imageDirs: readonly string[];
}

/** What the conductor lends to strategies. */
export function createStrategyServices(
  { clock, logger, media }: { readonly clock: Clock; readonly logger: Logger; readonly media: MediaServices },
  settings: StrategyServiceSettings,
): StrategyServices {
  const folders = createImageFolders(settings.imageDirs);
  const checksums = createFileChecksums({ clock, logger });
  const publicBase = settings.publicEndpoint?.replace(/\/+$/, '');

  const conductorUrl = (node: NodeView): string => {
    const url = publicBase ?? readAgentRecord(node).conductorUrl;
    if (url !== undefined) return url;
    throw new FerricError('CONFLICT', `It is not known under which address node ${node.uuid} reaches the conductor`, {
      details: { node: node.uuid },
      hint: 'The deploy agent tells it when it looks its node up; set --public-endpoint to the address under which machines reach this conductor if it must be known before.',
    });
  };

  return {
    conductorUrl,
    async downloadUrl(node, reference) {
      const scheme = URL.parse(reference)?.protocol;
      if (scheme === 'http:' || scheme === 'https:') return reference;
      if (scheme === 'file:') return `${conductorUrl(node)}${imagePath(await folders.locate(reference))}`;
      const expected = 'an http, https or file address';
      throw invalidOptions('Image', [{ field: 'image', problem: 'invalid', expected, received: printValue(reference) }]);
    },
    fileChecksum: async (reference, algorithm, options) => checksums.of(await folders.locate(reference), algorithm, options),
    buildConfigDrive: (content, options) => buildConfigDrive(content, options),
    media,
  };
}
