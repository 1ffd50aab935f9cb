import { type CallOptions, FerricError, invalidOptions, type OptionIssue, printValue } from '@ferric/core';
import { readFirmware, readUpdateService } from '@ferric/redfish';
import { isUncertain } from '../connection/outages.js';
import { waitForReturn, type ControllerParts } from '../controller/wait-for-return.js';
import { FIRMWARE_COMPONENT_NAMES, type IloFirmware, type IloFirmwareComponentName, type IloFirmwareImage, type IloFirmwareItem } from '../ilo-client.js';
import { checkHttpUrl } from '../media/http-url.js';
import type { BackEndCall, Perform, RestCall, RibclCall } from '../operations/perform.js';
import { readEmbeddedHealth, readFirmwareVersion, readInventory } from '../ribcl/index.js';
import { type OnProgress, updateByRest } from './update-by-rest.js';

/** Images as a controller writes them; packages with an installer are none. Source: HPE iLO RESTful API, "Updating firmware". */
const RAW_IMAGE = /\.(?:bin|flash|vme|hex|full)$/i;

/** What the controller calls the components, the first that matches decides. Sources: recorded firmware lists of iLO 4 and iLO 5. */
const COMPONENTS: readonly (readonly [pattern: RegExp, component: IloFirmwareComponentName])[] = [
  [/^iLO(?: \d)?$/i, 'ilo'],
  [/^(?!.*(?:redundant|backup|bootblock)).*system rom/i, 'bios'],
  [/programmable logic/i, 'cpld'],
  [/^power management controller firmware$/i, 'power_pic'],
  [/chassis/i, 'chassis'],
];

type UpdateOptions = CallOptions & { readonly onProgress?: OnProgress };

export function createFirmware(perform: Perform, parts: ControllerParts): IloFirmware {
  return {
    read: (options) => perform('read firmware', { rest: readByRest, ribcl: readByRibcl }, options),
    async update(image, options: UpdateOptions = {}) {
      checkImage(image);
      const { onProgress, ...call } = options;
      const back = (waiting: BackEndCall, leaves: boolean): Promise<void> => waitForReturn(parts, waiting, { leaves, before: waiting.identity });
      await perform('update firmware', {
        async rest(rest) {
          // Only for its own firmware the controller goes away.
          const isThere = image.component === 'ilo' ? () => parts.connection.isThere(rest.signal) : undefined;
          const { wasAway } = await updateByRest(rest, { url: image.url, onProgress, isThere });
          if (image.component === 'ilo') await back(rest, !wasAway);
        },
        ribcl: (ribcl) => updateByRibcl(ribcl, image, onProgress, () => back(ribcl, true)),
      }, call);
    },
  };
}

function checkImage({ component, url }: IloFirmwareImage): void {
  checkHttpUrl('Firmware update', url);
  const issues: readonly (OptionIssue | undefined)[] = [
    FIRMWARE_COMPONENT_NAMES.includes(component)
      ? undefined
      : { field: 'component', problem: 'invalid', expected: `one of ${FIRMWARE_COMPONENT_NAMES.join(', ')}`, received: printValue(component) },
    RAW_IMAGE.test(url.pathname)
      ? undefined
      : { field: 'url', problem: 'invalid', expected: 'the URL of a raw image: .bin, .flash, .vme, .hex or .full', received: `${url.host}${url.pathname}` },
  ];
  const found = issues.filter((issue) => issue !== undefined);
  if (found.length > 0) throw invalidOptions('Firmware update', found);
}

async function readByRest({ client, options }: RestCall): Promise<readonly IloFirmwareItem[]> {
  const items = await readFirmware(client, await readUpdateService(client, options), options);
  return items.flatMap(({ name, version }) => (version === undefined ? [] : [toItem(name, version)]));
}

async function readByRibcl({ run }: RibclCall): Promise<readonly IloFirmwareItem[]> {
  const { firmware } = readInventory(await run(readEmbeddedHealth()));
  return Object.entries(firmware).flatMap(([name, version]) => (version === '' ? [] : [toItem(name, version)]));
}

function toItem(name: string, version: string): IloFirmwareItem {
  return { component: COMPONENTS.find(([pattern]) => pattern.test(name))?.[1] ?? name, name, version };
}

/** RIBCL takes no URL: whoever asks has to bring the content. The answer comes when the image is written. */
async function updateByRibcl(
  call: RibclCall,
  image: IloFirmwareImage,
  onProgress: OnProgress | undefined,
  afterwards: () => Promise<void>,
): Promise<void> {
  const { component, upload } = image;
  if (upload === undefined) {
    throw new FerricError('UNSUPPORTED', 'This iLO fetches no images: its firmware has to be uploaded', {
      details: { address: call.address },
      hint: 'Bring the content of the image along, or update the iLO to 2.00 or later first.',
    });
  }
  onProgress?.({ state: 'Uploading', percent: null });
  const write = async (): Promise<void> =>
    void (await call.client.updateFirmware(component, {
      fileName: upload.fileName,
      length: upload.length,
      open: () => upload.open(),
      onProgress: (bytes) => onProgress?.({ state: 'Uploading', percent: Math.round((100 * bytes) / upload.length) }),
    }, { signal: call.signal, timeoutMs: Math.max(1, call.remainingMs()) }));
  if (component === 'ilo') await writeOwn(call, write, afterwards);
  else await write();
}

/** A controller with new firmware starts again, and may do so before it has answered: then its version tells. */
async function writeOwn(call: RibclCall, write: () => Promise<void>, afterwards: () => Promise<void>): Promise<void> {
  const former = (await call.run(readFirmwareVersion())).version;
  let lost: FerricError | undefined;
  try {
    await write();
  } catch (error) {
    if (call.signal.aborted || !isUncertain(error)) throw error;
    lost = error;
  }
  await afterwards();
  if (lost !== undefined && (await call.run(readFirmwareVersion())).version === former) throw lost;
}
