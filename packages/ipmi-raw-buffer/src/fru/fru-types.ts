import type { FruField } from './field.js';

/** What every area tells of itself. Texts that the area does not hold are null, empty ones ''. */
export interface FruAreaFacts {
  /** Bytes from the start of the FRU device. */
  readonly offset: number;
  /** As the area tells it. */
  readonly length: number;
  readonly checksumOk: boolean;
  /** False when the mark behind the last field is missing. */
  readonly hasEnd: boolean;
  /** What is wrong with the area, besides a checksum; null when nothing is. What could be decoded is there. */
  readonly problem: string | null;
  /** Fields behind those that the specification names. */
  readonly custom: readonly FruField[];
}

/** Source: FRU storage definition 1.0, section 10. */
export interface FruChassisArea extends FruAreaFacts {
  /** As in SMBIOS: 23 is a rack mount chassis; see `chassisTypeName`. */
  readonly chassisType: number;
  readonly partNumber: string | null;
  readonly serialNumber: string | null;
}

/** Source: FRU storage definition 1.0, section 11. */
export interface FruBoardArea extends FruAreaFacts {
  /** 0 and 25 are English. */
  readonly languageCode: number;
  /** UTC, to the minute; null when it is not told. */
  readonly manufacturedAt: Date | null;
  readonly manufacturer: string | null;
  readonly productName: string | null;
  readonly serialNumber: string | null;
  readonly partNumber: string | null;
  readonly fruFileId: string | null;
}

/** Source: FRU storage definition 1.0, section 12. */
export interface FruProductArea extends FruAreaFacts {
  readonly languageCode: number;
  readonly manufacturer: string | null;
  readonly productName: string | null;
  readonly partNumber: string | null;
  readonly version: string | null;
  readonly serialNumber: string | null;
  readonly assetTag: string | null;
  readonly fruFileId: string | null;
}

/** Source: FRU storage definition 1.0, section 16. */
export interface FruMultirecord {
  readonly offset: number;
  readonly recordType: number;
  /** `power supply information`, `vendor record`, ... */
  readonly typeName: string;
  /** 2. */
  readonly format: number;
  readonly isLast: boolean;
  readonly headerChecksumOk: boolean;
  readonly dataChecksumOk: boolean;
  /** Of vendor records: the private enterprise number in the first three bytes. */
  readonly manufacturerId: number | null;
  readonly data: Uint8Array;
}

/** What a FRU device holds. */
export interface Fru {
  /** `blank`: never written; `unknown`: not in the FRU format, such as the SPD of a memory module. */
  readonly format: 'ipmi' | 'blank' | 'unknown';
  readonly headerChecksumOk: boolean;
  /** Where the vendor's own area starts, and where it ends at the latest; null when there is none. */
  readonly internalUse: { readonly offset: number; readonly length: number } | null;
  readonly chassis: FruChassisArea | null;
  readonly board: FruBoardArea | null;
  readonly product: FruProductArea | null;
  readonly multirecords: readonly FruMultirecord[];
  /** Everything that is wrong, in words: checksums, areas that do not fit, fields that are cut. */
  readonly problems: readonly string[];
}
