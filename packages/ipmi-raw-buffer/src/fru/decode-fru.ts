import { decodeBoardArea, decodeChassisArea, decodeProductArea } from './areas.js';
import { decodeFruCommonHeader, type FruCommonHeader } from './common-header.js';
import type { Fru, FruAreaFacts } from './fru-types.js';
import { decodeMultirecords } from './multirecord.js';

const NOTHING = { internalUse: null, chassis: null, board: null, product: null, multirecords: [] } as const;

/**
 * A whole FRU device. Whatever can be decoded is, and everything wrong is listed: an area that is broken does not hide the
 * others. Source: FRU storage definition 1.0.
 * @param sizeBytes how large the device is, when the image holds only its beginning: an internal use area may reach to its end. Default: as the image
 * @throws FerricError PROTOCOL_FAULT only when not even the common header is there
 */
export function decodeFru(image: Uint8Array, sizeBytes: number = image.length): Fru {
  const header = decodeFruCommonHeader(image);
  if (header.format !== 'ipmi') {
    const problem = header.format === 'blank' ? 'the device was never written' : 'the device is not in the FRU format';
    return { ...NOTHING, format: header.format, headerChecksumOk: false, problems: [problem] };
  }
  const problems: string[] = header.checksumOk ? [] : ['common header: the checksum is wrong'];
  const area = <T extends FruAreaFacts>(name: string, offset: number | null, decode: (image: Uint8Array, offset: number) => T | null): T | null => {
    if (offset === null) return null;
    const decoded = decode(image, offset);
    problems.push(...areaProblems(name, decoded));
    return decoded;
  };
  const chassis = area('chassis area', header.chassis, decodeChassisArea);
  const board = area('board area', header.board, decodeBoardArea);
  const product = area('product area', header.product, decodeProductArea);
  const multirecords = header.multirecord === null ? { records: [], problem: null } : decodeMultirecords(image, header.multirecord);
  if (multirecords.problem !== null) problems.push(multirecords.problem);
  for (const { offset, dataChecksumOk } of multirecords.records) {
    if (!dataChecksumOk) problems.push(`multirecord at ${offset}: the checksum of the data is wrong`);
  }
  const internalUse = internalUseOf(header, sizeBytes);
  return { format: 'ipmi', headerChecksumOk: header.checksumOk, internalUse, chassis, board, product, multirecords: multirecords.records, problems };
}

function areaProblems(name: string, area: FruAreaFacts | null): readonly string[] {
  if (area === null) return [`${name}: it is not there`];
  const problems = area.checksumOk ? [] : [`${name}: the checksum is wrong`];
  return area.problem === null ? problems : [...problems, `${name}: ${area.problem}`];
}

/** The area does not tell its length: it ends where the next begins, or with the device. */
function internalUseOf(header: FruCommonHeader, sizeBytes: number): Fru['internalUse'] {
  const offset = header.internalUse;
  if (offset === null || offset >= sizeBytes) return null;
  const starts = [header.chassis, header.board, header.product, header.multirecord].filter((start) => start !== null && start > offset);
  return { offset, length: Math.min(sizeBytes, ...starts.map(Number)) - offset };
}
