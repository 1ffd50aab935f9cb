import { remoteProcedure } from '../procedure.js';
import { storagePool, storageVolume, uuid } from '../structs.js';
import { int32, list, nothing, string, struct, uint32, uint64 } from '../xdr.js';

/** Source: libvirt 9.0.0, src/remote/remote_protocol.x, REMOTE_STORAGE_VOL_LIST_MAX. */
const VOLUME_LIMIT = 16_384;
const SMALLEST_VOLUME_BYTES = 12;

const onlyPool = struct({ pool: storagePool });
const poolAndFlags = struct({ pool: storagePool, flags: uint32 });
const onlyVolume = struct({ volume: storageVolume });
const volumeAndFlags = struct({ volume: storageVolume, flags: uint32 });
const xmlAndFlags = struct({ xml: string, flags: uint32 });
const volumeRange = struct({ volume: storageVolume, offset: uint64, length: uint64, flags: uint32 });

/** Procedures about storage pools and their volumes. Source: libvirt 9.0.0, src/remote/remote_protocol.x. */
export const storageProcedures = {
  poolCreateXml: remoteProcedure('storage_pool_create_xml', 76, xmlAndFlags, storagePool),
  poolDefineXml: remoteProcedure('storage_pool_define_xml', 77, xmlAndFlags, storagePool),
  poolCreate: remoteProcedure('storage_pool_create', 78, poolAndFlags, nothing),
  poolBuild: remoteProcedure('storage_pool_build', 79, poolAndFlags, nothing),
  poolDestroy: remoteProcedure('storage_pool_destroy', 80, onlyPool, nothing),
  poolDelete: remoteProcedure('storage_pool_delete', 81, poolAndFlags, nothing),
  poolUndefine: remoteProcedure('storage_pool_undefine', 82, onlyPool, nothing),
  poolRefresh: remoteProcedure('storage_pool_refresh', 83, poolAndFlags, nothing),
  poolLookupByName: remoteProcedure('storage_pool_lookup_by_name', 84, struct({ name: string }), storagePool),
  poolLookupByUuid: remoteProcedure('storage_pool_lookup_by_uuid', 85, struct({ uuid }), storagePool),
  poolLookupByVolume: remoteProcedure('storage_pool_lookup_by_volume', 86, onlyVolume, storagePool),
  poolGetInfo: remoteProcedure(
    'storage_pool_get_info',
    87,
    onlyPool,
    struct({ state: uint32, capacity: uint64, allocation: uint64, available: uint64 }),
  ),
  poolGetXmlDesc: remoteProcedure('storage_pool_get_xml_desc', 88, poolAndFlags, string),
  poolGetAutostart: remoteProcedure('storage_pool_get_autostart', 89, onlyPool, int32),
  poolSetAutostart: remoteProcedure('storage_pool_set_autostart', 90, struct({ pool: storagePool, autostart: int32 }), nothing),
  poolIsActive: remoteProcedure('storage_pool_is_active', 154, onlyPool, int32),
  poolIsPersistent: remoteProcedure('storage_pool_is_persistent', 155, onlyPool, int32),
  poolListAllVolumes: remoteProcedure(
    'storage_pool_list_all_volumes',
    282,
    struct({ pool: storagePool, needResults: int32, flags: uint32 }),
    struct({ volumes: list(storageVolume, VOLUME_LIMIT, SMALLEST_VOLUME_BYTES), count: uint32 }),
  ),
  volCreateXml: remoteProcedure('storage_vol_create_xml', 93, struct({ pool: storagePool, xml: string, flags: uint32 }), storageVolume),
  volDelete: remoteProcedure('storage_vol_delete', 94, volumeAndFlags, nothing),
  volLookupByName: remoteProcedure('storage_vol_lookup_by_name', 95, struct({ pool: storagePool, name: string }), storageVolume),
  volLookupByKey: remoteProcedure('storage_vol_lookup_by_key', 96, struct({ key: string }), storageVolume),
  volLookupByPath: remoteProcedure('storage_vol_lookup_by_path', 97, struct({ path: string }), storageVolume),
  volGetInfo: remoteProcedure('storage_vol_get_info', 98, onlyVolume, struct({ type: int32, capacity: uint64, allocation: uint64 })),
  volGetXmlDesc: remoteProcedure('storage_vol_get_xml_desc', 99, volumeAndFlags, string),
  volGetPath: remoteProcedure('storage_vol_get_path', 100, onlyVolume, string),
  volUpload: remoteProcedure('storage_vol_upload', 208, volumeRange, nothing, { stream: 'upload' }),
  volDownload: remoteProcedure('storage_vol_download', 209, volumeRange, nothing, { stream: 'download' }),
};
