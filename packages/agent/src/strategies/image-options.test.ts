import { optionIssues, Secret, type SealedObject } from '@ferric/core';
import { describe, expect, test } from 'vitest';
import { imageInfo, type ImageInfoParts } from './image-info.js';
import { readImageOptions } from './image-options.js';

const SHA256 = 'ab'.repeat(32);
const read = (instanceInfo: SealedObject): ReturnType<typeof readImageOptions> => readImageOptions({ uuid: 'u', instanceInfo });
const fieldsOf = (instanceInfo: SealedObject): readonly string[] => {
  try {
    read(instanceInfo);
    return [];
  } catch (error) {
    return optionIssues(error).map(({ field, problem }) => `${problem} ${field}`);
  }
};
const http = { image_source: 'http://192.0.2.1/image.qcow2', image_checksum: SHA256 };

describe('readImageOptions', () => {
  test.each<[string, SealedObject, readonly string[]]>([
    ['nothing', {}, ['missing instance_info.image_source']],
    ['no checksum', { image_source: http.image_source }, ['missing instance_info.image_checksum']],
    ['an image service', { ...http, image_source: '1be26c0b-03f2-4d2e-ae87-c02d7f33c123' }, ['invalid instance_info.image_source']],
    ['an ftp URL', { ...http, image_source: 'ftp://192.0.2.1/x' }, ['invalid instance_info.image_source']],
    ['no URL', { ...http, image_source: 'image.raw' }, ['invalid instance_info.image_source']],
    ['a number', { ...http, image_source: 5 }, ['invalid instance_info.image_source']],
    ['an algorithm without a value', { image_source: http.image_source, image_os_hash_algo: 'sha256' }, ['missing instance_info.image_os_hash_value']],
    ['a value without an algorithm', { image_source: http.image_source, image_os_hash_value: SHA256 }, ['missing instance_info.image_os_hash_algo']],
    ['an unknown algorithm', { ...http, image_os_hash_algo: 'crc32', image_os_hash_value: 'ab' }, ['invalid instance_info.image_os_hash_algo']],
    ['__proto__ as algorithm', { ...http, image_os_hash_algo: 'constructor', image_os_hash_value: 'ab' }, ['invalid instance_info.image_os_hash_algo']],
    ['a hash of another length', { ...http, image_os_hash_algo: 'sha512', image_os_hash_value: SHA256 }, ['invalid instance_info.image_os_hash_value']],
    ['a checksum of no length', { ...http, image_checksum: 'abcd' }, ['invalid instance_info.image_checksum']],
    ['a checksum that is no hex', { ...http, image_checksum: 'z'.repeat(32) }, ['invalid instance_info.image_checksum']],
    ['an unknown format', { ...http, image_disk_format: 'ext4' }, ['invalid instance_info.image_disk_format']],
    ['an unknown type', { ...http, image_type: 'wholedisk' }, ['invalid instance_info.image_type']],
    ['a partition image without size', { ...http, image_type: 'partition' }, ['missing instance_info.root_gb']],
    ['a partition image of no size', { ...http, kernel: 'http://a/k', ramdisk: 'http://a/r', root_gb: 0 }, ['invalid instance_info.root_gb']],
    ['an unknown disk label', { ...http, image_type: 'partition', root_gb: 1, capabilities: { disk_label: 'bsd' } }, ['invalid instance_info.capabilities']],
    ['everything at once', { image_source: 'x', image_disk_format: 'y', image_checksum: 'z' }, [
      'invalid instance_info.image_source', 'invalid instance_info.image_checksum', 'invalid instance_info.image_disk_format',
    ]],
  ])('refuses %s', (_case, instanceInfo, expected) => {
    expect(fieldsOf(instanceInfo)).toEqual(expected);
  });

  test('shows no password of a source', () => {
    let message = '';
    try {
      read({ image_source: new Secret('ftp://root:planted-password@host/x'), image_checksum: SHA256 });
    } catch (error) {
      message = String(error) + JSON.stringify(error);
    }
    expect(message).toContain('ftp://root');
    expect(message).not.toContain('planted-password');
  });

  test.each<[string, SealedObject, object]>([
    ['MD5', { ...http, image_checksum: 'AB'.repeat(16) }, { checksum: 'AB'.repeat(16), hash: undefined }],
    ['SHA-256', http, { checksum: undefined, hash: { algorithm: 'sha256', value: SHA256 } }],
    ['SHA-512', { ...http, image_checksum: 'CD'.repeat(64) }, { checksum: undefined, hash: { algorithm: 'sha512', value: 'cd'.repeat(64) } }],
    ['a checksum file', { ...http, image_checksum: 'https://192.0.2.1/SHA256SUMS' }, { checksum: 'https://192.0.2.1/SHA256SUMS', hash: undefined }],
    ['a file without one', { image_source: 'file:///images/x.raw' }, { checksum: undefined, hash: undefined }],
    ['a hash', { ...http, image_checksum: undefined as never, image_os_hash_algo: 'SHA1', image_os_hash_value: 'ab'.repeat(20) }, { hash: { algorithm: 'sha1' } }],
  ])('takes %s', (_case, instanceInfo, expected) => {
    expect(read(instanceInfo)).toMatchObject(expected);
  });

  test.each([
    ['http://192.0.2.1/a/image.raw', 'image.raw', 'raw'],
    ['http://192.0.2.1/a/Cloud.QCOW2?signature=abc', 'Cloud.QCOW2', 'qcow2'],
    ['http://192.0.2.1/cloud.img', 'cloud.img', null],
    ['http://192.0.2.1/a%2Fb%20c', 'a_2Fb_20c', null],
    ['http://192.0.2.1/', 'image', null],
  ])('of %s the agent sees %s, format %s', (source, id, diskFormat) => {
    expect(read({ ...http, image_source: source })).toMatchObject({ id, diskFormat });
  });

  test('an image with kernel and ramdisk is a partition image, unless it says otherwise', () => {
    const both = { ...http, kernel: 'http://a/k', ramdisk: 'http://a/r', root_gb: '20' };
    expect(read(both).partition).toMatchObject({ rootGigabytes: 20, kernel: 'http://a/k' });
    expect(read({ ...both, image_type: 'whole-disk' }).partition).toBeUndefined();
    expect(read(http).partition).toBeUndefined();
  });
});

describe('imageInfo', () => {
  const parts = (instanceInfo: SealedObject, more: Partial<ImageInfoParts> = {}): ImageInfoParts => ({
    nodeUuid: 'u', image: read(instanceInfo), downloadUrl: 'http://192.0.2.1/image.qcow2', computedHash: undefined, bootMode: 'uefi', bootOption: 'local',
    configDrive: undefined, driverOptions: { deploy_forces_oob_reboot: false, disable_power_off: false }, streamRawImages: true, ...more,
  });

  test('of a whole disk has neither type nor partitions', () => {
    expect(imageInfo(parts(http))).toEqual({
      id: 'image.qcow2', urls: ['http://192.0.2.1/image.qcow2'], disk_format: 'qcow2', container_format: null, stream_raw_images: true,
      os_hash_algo: 'sha256', os_hash_value: SHA256, node_uuid: 'u',
    });
  });

  test('of a partition image has all that partitions need', () => {
    const instanceInfo = { ...http, image_type: 'partition', root_gb: 10, swap_mb: 512, ephemeral_gb: 2, ephemeral_format: 'ext4', capabilities: 'disk_label:gpt' };
    expect(imageInfo(parts(instanceInfo))).toMatchObject({
      image_type: 'partition', root_gb: 10, root_mb: 10_240, swap_mb: 512, ephemeral_mb: 2048, ephemeral_format: 'ext4', preserve_ephemeral: false,
      deploy_boot_mode: 'uefi', boot_option: 'local', disk_label: 'gpt', kernel: null, ramdisk: null,
    });
  });

  test('has the hash that was computed only where none came', () => {
    const computedHash = { algorithm: 'sha256', value: 'cd'.repeat(32) };
    expect(imageInfo(parts({ image_source: 'file:///x.raw' }, { computedHash }))).toMatchObject({ os_hash_algo: 'sha256', os_hash_value: computedHash.value });
    expect(imageInfo(parts(http, { computedHash }))).toMatchObject({ os_hash_value: SHA256 });
    expect(imageInfo(parts({ ...http, image_checksum: 'ab'.repeat(16) }, { computedHash }))).not.toHaveProperty('os_hash_value');
  });

  test('has the proxies of the node', () => {
    const driverOptions = { deploy_forces_oob_reboot: false, disable_power_off: false, image_https_proxy: 'http://192.0.2.9:3128', image_no_proxy: '.local' };
    expect(imageInfo(parts(http, { driverOptions }))).toMatchObject({ proxies: { https: 'http://192.0.2.9:3128' }, no_proxy: '.local' });
    expect(imageInfo(parts(http, { driverOptions: { deploy_forces_oob_reboot: false, disable_power_off: false, image_no_proxy: '.local' } }))).not.toHaveProperty('no_proxy');
  });
});
