import type { BootModeName, JsonObject, Sealed, Secret } from '@ferric/core';
import type { AgentDriverOptions } from './driver-options.js';
import type { ImageHash, ImageOptions, PartitionOptions } from './image-options.js';

/** What the agent's `image_info` is made from. */
export interface ImageInfoParts {
  readonly nodeUuid: string;
  readonly image: ImageOptions;
  /** Where the machine loads it from; it may hold a password. */
  readonly downloadUrl: Secret | string;
  /** The hash that was computed of a file without one. */
  readonly computedHash: ImageHash | undefined;
  readonly bootMode: BootModeName;
  readonly bootOption: string;
  readonly configDrive: Secret | undefined;
  readonly driverOptions: AgentDriverOptions;
  readonly streamRawImages: boolean;
}

/**
 * The parameter `image_info` of write_image. The agent knows no default for what is missing, and fails at what is too much.
 * Source: Ironic, ironic/drivers/modules/agent.py (write_image); ironic-python-agent, ironic_python_agent/extensions/standby.py.
 */
export function imageInfo(parts: ImageInfoParts): { readonly [key: string]: Sealed } {
  const { image, configDrive } = parts;
  const hash = image.hash ?? (image.checksum === undefined ? parts.computedHash : undefined);
  return {
    id: image.id,
    urls: [parts.downloadUrl],
    disk_format: image.diskFormat,
    container_format: image.containerFormat,
    stream_raw_images: parts.streamRawImages,
    ...(image.checksum === undefined ? {} : { checksum: image.checksum }),
    ...(hash === undefined ? {} : { os_hash_algo: hash.algorithm, os_hash_value: hash.value }),
    node_uuid: parts.nodeUuid,
    // Agents before 2021 look for it here.
    ...(configDrive === undefined ? {} : { configdrive: configDrive }),
    ...proxies(parts.driverOptions),
    ...(image.partition === undefined ? {} : partitionInfo(image.partition, parts)),
  };
}

function proxies({ image_http_proxy: http, image_https_proxy: https, image_no_proxy: none }: AgentDriverOptions): JsonObject {
  if (http === undefined && https === undefined) return {};
  return {
    proxies: { ...(http === undefined ? {} : { http }), ...(https === undefined ? {} : { https }) },
    ...(none === undefined ? {} : { no_proxy: none }),
  };
}

function partitionInfo(partition: PartitionOptions, { bootMode, bootOption }: ImageInfoParts): JsonObject {
  return {
    image_type: 'partition',
    root_gb: partition.rootGigabytes,
    root_mb: partition.rootGigabytes * 1024,
    swap_mb: partition.swapMegabytes,
    ephemeral_mb: partition.ephemeralGigabytes * 1024,
    ephemeral_format: partition.ephemeralFormat,
    preserve_ephemeral: partition.preserveEphemeral,
    deploy_boot_mode: bootMode,
    boot_option: bootOption,
    kernel: partition.kernel,
    ramdisk: partition.ramdisk,
    ...(partition.diskLabel === undefined ? {} : { disk_label: partition.diskLabel }),
  };
}
