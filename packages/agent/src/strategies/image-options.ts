import {
  invalidOptions, isUuid, printValue, readCapabilities, revealSealed, type JsonValue, type NodeView, type OptionIssue,
} from '@ferric/core';

/** Formats of images that an agent can write. Source: qemu-img, and Ironic, ironic/conf/conductor.py (permitted_image_formats). */
const DISK_FORMATS = ['raw', 'gpt', 'qcow2', 'iso', 'vmdk', 'vhd', 'vhdx', 'vdi'] as const;

/** Digits of a hash, by algorithm as Python's hashlib names it. */
const HASH_DIGITS: ReadonlyMap<string, number> = new Map([['md5', 32], ['sha1', 40], ['sha224', 56], ['sha256', 64], ['sha384', 96], ['sha512', 128]]);

/** What a checksum without an algorithm is, by its length. Source: Ironic, ironic/drivers/modules/deploy_utils.py (get_checksum_and_algo). */
const CHECKSUM_LENGTHS: ReadonlyMap<number, string> = new Map([[32, 'md5'], [64, 'sha256'], [128, 'sha512']]);

export interface ImageHash {
  readonly algorithm: string;
  /** Hex digits, lower case. */
  readonly value: string;
}

/** Sizes of a partition image's disk. */
export interface PartitionOptions {
  readonly rootGigabytes: number;
  readonly swapMegabytes: number;
  readonly ephemeralGigabytes: number;
  readonly ephemeralFormat: string | null;
  readonly preserveEphemeral: boolean;
  readonly diskLabel: string | undefined;
  readonly kernel: string | null;
  readonly ramdisk: string | null;
}

/** The image that is to be written, as instance_info tells it. */
export interface ImageOptions {
  /** http, https or file. It may hold a password. */
  readonly source: URL;
  /** Name for the agent: the last part of the source's path. */
  readonly id: string;
  /** Null: the agent finds out. */
  readonly diskFormat: string | null;
  readonly containerFormat: string | null;
  /** MD5 in hex digits, or the address of a checksum file. */
  readonly checksum: string | undefined;
  readonly hash: ImageHash | undefined;
  /** Undefined: the image is a whole disk. */
  readonly partition: PartitionOptions | undefined;
}

/**
 * Reads the image of a deployment. Pure; an image of a file need not exist.
 * @throws INVALID_OPTIONS with every issue at once, named as in `instance_info.image_source`.
 * Source: Ironic, ironic/drivers/modules/agent.py (validate), ironic/drivers/modules/deploy_utils.py (get_checksum_and_algo).
 */
export function readImageOptions(node: Pick<NodeView, 'uuid' | 'instanceInfo'>): ImageOptions {
  const reader = createReader(node);
  const source = readSource(reader);
  const hash = readHash(reader);
  const checksum = readChecksum(reader);
  if (source !== undefined && source.protocol !== 'file:' && hash === undefined && checksum === undefined && !reader.complainsOf('image_checksum', 'image_os_hash_')) {
    reader.missing('image_checksum', "image_source's image_checksum, or image_os_hash_algo and image_os_hash_value, must be provided");
  }
  const diskFormat = readDiskFormat(reader, source);
  const containerFormat = reader.text('image_container_format') ?? null;
  const partition = isPartitionImage(reader) ? readPartition(reader) : undefined;
  if (reader.issues.length > 0 || source === undefined) {
    throw invalidOptions(`Node ${node.uuid} failed to validate deploy image info`, reader.issues);
  }
  return { source, id: imageId(source), diskFormat, containerFormat, checksum: checksum?.text, hash: hash ?? checksum?.hash, partition };
}

/** Fields of instance_info, with the issues found in them. */
interface Reader {
  readonly issues: OptionIssue[];
  value(field: string): JsonValue;
  text(field: string): string | undefined;
  number(field: string, least: number): number | undefined;
  invalid(field: string, expected: string): undefined;
  missing(field: string, expected: string): undefined;
  complainsOf(...fields: readonly string[]): boolean;
}

function createReader(node: Pick<NodeView, 'instanceInfo'>): Reader {
  const issues: OptionIssue[] = [];
  const value = (field: string): JsonValue => revealSealed(node.instanceInfo[field] ?? null);
  const invalid = (field: string, expected: string): undefined =>
    void issues.push({ field: `instance_info.${field}`, problem: 'invalid', expected, received: printValue(value(field)) });
  return {
    issues,
    value,
    invalid,
    missing: (field, expected) => void issues.push({ field: `instance_info.${field}`, problem: 'missing', expected }),
    complainsOf: (...fields) => issues.some((issue) => fields.some((field) => issue.field.startsWith(`instance_info.${field}`))),
    text(field) {
      const found = value(field);
      if (found === null || found === '') return undefined;
      return typeof found === 'string' ? found : invalid(field, 'a text');
    },
    number(field, least) {
      const found = value(field);
      if (found === null || found === '') return undefined;
      const number = typeof found === 'string' && /^\d{1,9}$/.test(found) ? Number(found) : found;
      return typeof number === 'number' && Number.isInteger(number) && number >= least ? number : invalid(field, `a whole number of ${least} or more`);
    },
  };
}

function readSource(reader: Reader): URL | undefined {
  const text = reader.text('image_source');
  if (text === undefined) {
    return reader.complainsOf('image_source') ? undefined : reader.missing('image_source', 'the http, https or file URL of the image to deploy');
  }
  if (isUuid(text) || text.startsWith('glance:')) return reader.invalid('image_source', 'an http, https or file URL: there is no image service to ask for it');
  const url = URL.parse(text);
  return url !== null && ['http:', 'https:', 'file:'].includes(url.protocol) ? url : reader.invalid('image_source', 'an http, https or file URL');
}

function readHash(reader: Reader): ImageHash | undefined {
  const algorithm = reader.text('image_os_hash_algo')?.toLowerCase();
  const value = reader.text('image_os_hash_value')?.toLowerCase();
  if (algorithm === undefined && value === undefined) return undefined;
  if (algorithm === undefined) return reader.missing('image_os_hash_algo', 'the algorithm of image_os_hash_value; both are given or none');
  const digits = HASH_DIGITS.get(algorithm);
  if (digits === undefined) return reader.invalid('image_os_hash_algo', `one of ${[...HASH_DIGITS.keys()].join(', ')}`);
  if (value === undefined) return reader.missing('image_os_hash_value', 'the hash of the image; both are given or none');
  return isHex(value, digits) ? { algorithm, value } : reader.invalid('image_os_hash_value', `${digits} hex digits, as ${algorithm} has`);
}

/** A long checksum goes to the agent with its algorithm, which agents of all ages understand. */
function readChecksum(reader: Reader): { readonly text?: string; readonly hash?: ImageHash } | undefined {
  const text = reader.text('image_checksum');
  if (text === undefined) return undefined;
  if (/^https?:\/\//i.test(text) && URL.canParse(text)) return { text };
  const algorithm = CHECKSUM_LENGTHS.get(text.length);
  if (algorithm === undefined || !isHex(text, text.length)) {
    return reader.invalid('image_checksum', 'the MD5, SHA-256 or SHA-512 hash in 32, 64 or 128 hex digits, or the http or https URL of a checksum file');
  }
  return algorithm === 'md5' ? { text } : { hash: { algorithm, value: text.toLowerCase() } };
}

/** The ending of the name tells the format when nobody says it; `.img` may be anything. */
function readDiskFormat(reader: Reader, source: URL | undefined): string | null {
  const told = reader.text('image_disk_format')?.toLowerCase();
  const ending = source?.pathname.toLowerCase().match(/\.([a-z0-9]+)$/)?.[1];
  const format = DISK_FORMATS.find((each) => each === (told ?? ending));
  if (told !== undefined && format === undefined) reader.invalid('image_disk_format', `one of ${DISK_FORMATS.join(', ')}`);
  return format ?? null;
}

function isPartitionImage(reader: Reader): boolean {
  const type = reader.text('image_type');
  if (type !== undefined && type !== 'partition' && type !== 'whole-disk') reader.invalid('image_type', 'partition or whole-disk');
  if (type !== undefined) return type === 'partition';
  return reader.text('kernel') !== undefined && reader.text('ramdisk') !== undefined;
}

function readPartition(reader: Reader): PartitionOptions {
  const rootGigabytes = reader.number('root_gb', 1);
  if (rootGigabytes === undefined && !reader.complainsOf('root_gb')) reader.missing('root_gb', 'the size of the root partition in GiB, for a partition image');
  const preserve = reader.value('preserve_ephemeral');
  const diskLabel = readCapabilities(reader.value('capabilities'))['disk_label'];
  if (diskLabel !== undefined && !['msdos', 'gpt'].includes(diskLabel)) reader.invalid('capabilities', 'with a disk_label of msdos or gpt');
  return {
    rootGigabytes: rootGigabytes ?? 0,
    swapMegabytes: reader.number('swap_mb', 0) ?? 0,
    ephemeralGigabytes: reader.number('ephemeral_gb', 0) ?? 0,
    ephemeralFormat: reader.text('ephemeral_format') ?? null,
    preserveEphemeral: preserve === true || String(preserve).toLowerCase() === 'true',
    diskLabel,
    kernel: reader.text('kernel') ?? null,
    ramdisk: reader.text('ramdisk') ?? null,
  };
}

function isHex(text: string, digits: number): boolean {
  return text.length === digits && /^[0-9a-f]+$/i.test(text);
}

/** Without the query, which may hold a signature. The agent makes a file name of it. */
function imageId(source: URL): string {
  const last = source.pathname.split('/').findLast((part) => part !== '') ?? 'image';
  return last.replace(/[^\w.+~-]/g, '_');
}
