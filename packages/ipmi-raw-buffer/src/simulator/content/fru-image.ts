import { join, word, zeroSum } from '../wire/bytes.js';

/** What a FRU device says of the chassis. Texts are Latin-1, at most 62 characters; empty ones are left empty. */
export interface ChassisFields {
  /** Source: SMBIOS, type 3. Default 0x17: rack mount. */
  readonly type?: number;
  readonly partNumber: string;
  readonly serialNumber: string;
  readonly custom?: readonly string[];
}

export interface BoardFields {
  /** Default: not said. Told in whole minutes. */
  readonly manufacturedAt?: Date;
  readonly manufacturer: string;
  readonly productName: string;
  readonly serialNumber: string;
  readonly partNumber: string;
  readonly fileId?: string;
  readonly custom?: readonly string[];
}

export interface ProductFields {
  readonly manufacturer: string;
  readonly productName: string;
  readonly partNumber: string;
  readonly version: string;
  readonly serialNumber: string;
  readonly assetTag?: string;
  readonly fileId?: string;
  readonly custom?: readonly string[];
}

export interface FruImageFields {
  readonly chassis?: ChassisFields;
  readonly board?: BoardFields;
  readonly product?: ProductFields;
  /** Size of the device; the rest is 00. Default 256; a multiple of 8 that holds the areas. */
  readonly sizeBytes?: number;
}

const FORMAT = 0x01;
const ENGLISH = 0x19;
const LATIN_1 = 0xc0;
const END_OF_FIELDS = 0xc1;
const LONGEST_TEXT = 62;
const RACK_MOUNT = 0x17;
/** Minutes are counted from here. Source: Platform Management FRU Information Storage Definition 1.0, section 11. */
const FIRST_MINUTE = Date.UTC(1996, 0, 1) / 60_000;

/** Type and length, text. One character would read as the end of the fields, so it gets a blank. */
function field(text: string): Uint8Array {
  const bytes = Buffer.from(text.length === 1 ? `${text} ` : text, 'latin1').subarray(0, LONGEST_TEXT);
  return join([LATIN_1 | bytes.length], bytes);
}

/** Header, fields, end, fill and checksum, in units of eight bytes. */
function area(head: readonly number[], texts: readonly string[]): Uint8Array {
  const fields = join(...texts.map(field), [END_OF_FIELDS]);
  const length = Math.ceil((2 + head.length + fields.length + 1) / 8);
  const content = Buffer.alloc(length * 8 - 1);
  join([FORMAT, length], head, fields).copy(content);
  return join(content, [zeroSum(content)]);
}

/** The content of a FRU device. Source: Platform Management FRU Information Storage Definition 1.0, sections 8 to 12. */
export function fruImage({ chassis, board, product, sizeBytes = 256 }: FruImageFields): Uint8Array {
  const minutes = board?.manufacturedAt === undefined ? 0 : Math.floor(board.manufacturedAt.getTime() / 60_000) - FIRST_MINUTE;
  const areas = [
    chassis && area([chassis.type ?? RACK_MOUNT], [chassis.partNumber, chassis.serialNumber, ...(chassis.custom ?? [])]),
    board &&
      area([ENGLISH, ...word(minutes), (minutes >> 16) & 0xff], [
        board.manufacturer, board.productName, board.serialNumber, board.partNumber, board.fileId ?? '', ...(board.custom ?? []),
      ]),
    product &&
      area([ENGLISH], [
        product.manufacturer, product.productName, product.partNumber, product.version, product.serialNumber, product.assetTag ?? '', product.fileId ?? '',
        ...(product.custom ?? []),
      ]),
  ];
  let next = 8;
  const offsets = areas.map((bytes) => {
    if (bytes === undefined) return 0;
    const offset = next / 8;
    next += bytes.length;
    return offset;
  });
  const header = [FORMAT, 0x00, ...offsets, 0x00, 0x00];
  const image = Buffer.alloc(Math.max(sizeBytes, next));
  join(header, [zeroSum(header)], ...areas.filter((bytes) => bytes !== undefined)).copy(image);
  return Uint8Array.from(image);
}

/** FRU device 0 of a small server. */
export const DEFAULT_FRU_IMAGE: Uint8Array = fruImage({
  chassis: { partNumber: 'VC-100', serialNumber: 'VCS0001' },
  board: {
    manufacturedAt: new Date('2026-01-15T08:30:00Z'), manufacturer: 'Ferric', productName: 'Virtual Board', serialNumber: 'VBS0001', partNumber: 'VB-100', fileId: 'fru.v1',
  },
  product: {
    manufacturer: 'Ferric', productName: 'Virtual Server', partNumber: 'VS-100', version: '1.0', serialNumber: 'VSS0001', assetTag: 'ASSET-1', fileId: 'fru.v1',
  },
});
