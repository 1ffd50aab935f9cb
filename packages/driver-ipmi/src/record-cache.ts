import { type CallOptions, type Clock } from '@ferric/core';
import {
  createSensorCache, getDeviceSdrInfo, getSdrRepositoryInfo, readSdrRepository, type RequestCarrier, type SdrRepository, type SensorCache,
} from '@ferric/ipmi-raw-buffer';
import { isDeclined } from './ipmi-answers.js';

/** Repositories that are kept: some ten megabytes at most. */
const REPOSITORIES_KEPT = 256;

/** The sensor data records of one controller, and what was asked of its sensors besides. */
export interface KnownRecords {
  readonly repository: SdrRepository;
  /** Thresholds and factors, for as long as the records are the same. */
  readonly sensors: SensorCache;
}

/** The sensor data records of the controllers that were read last. Reading them takes seconds, and they hardly ever change. */
export interface RecordCache {
  /**
   * The records of a controller: those that are known, when it says that they have not changed, else read anew.
   * @param key tells controllers apart
   * @throws UNSUPPORTED when it has none; what `readSdrRepository` throws
   */
  read(key: string, bmc: RequestCarrier, options: CallOptions, clock: Clock): Promise<KnownRecords>;
  readonly size: number;
}

export function createRecordCache(limit: number = REPOSITORIES_KEPT): RecordCache {
  // A Map keeps the order of insertion: the first key is the one that was used longest ago.
  const known = new Map<string, KnownRecords>();

  const keep = (key: string, records: KnownRecords): KnownRecords => {
    known.delete(key);
    // Without the controller's word on changes, and after a walk without end, nothing tells when a copy is out of date.
    if (records.repository.info === null || !records.repository.complete) return records;
    known.set(key, records);
    const [oldest] = known.keys();
    if (known.size > limit && oldest !== undefined) known.delete(oldest);
    return records;
  };

  return {
    async read(key, bmc, options, clock) {
      const kept = known.get(key);
      if (kept !== undefined && (await isUnchanged(kept.repository, bmc, options))) return keep(key, kept);
      return keep(key, { repository: await readSdrRepository(bmc, { ...options, clock }), sensors: createSensorCache() });
    },
    get size() {
      return known.size;
    },
  };
}

async function isUnchanged({ source, info }: SdrRepository, bmc: RequestCarrier, options: CallOptions): Promise<boolean> {
  try {
    const present = await (source === 'device' ? getDeviceSdrInfo(bmc, options) : getSdrRepositoryInfo(bmc, options));
    return present.cacheKey === info?.cacheKey;
  } catch (error) {
    // Whatever the controller has against the question, reading the records will tell.
    if (isDeclined(error)) return false;
    throw error;
  }
}
