import type { JsonObject, JsonValue } from '@ferric/core';
import { chassisTypeName, type Fru, type FruAreaFacts } from '@ferric/ipmi-raw-buffer';

/** What a FRU device says, as plain data: only what is there. */
export function fruReport(fru: Fru): JsonObject {
  const { chassis, board, product, multirecords, problems } = fru;
  return filled({
    chassis: chassis === null ? null : filled({
      type: chassisTypeName(chassis.chassisType), partNumber: chassis.partNumber, serialNumber: chassis.serialNumber, ...custom(chassis),
    }),
    board: board === null ? null : filled({
      manufacturer: board.manufacturer, productName: board.productName, serialNumber: board.serialNumber, partNumber: board.partNumber,
      fruFileId: board.fruFileId, manufacturedAt: board.manufacturedAt?.toISOString() ?? null, ...custom(board),
    }),
    product: product === null ? null : filled({
      manufacturer: product.manufacturer, productName: product.productName, partNumber: product.partNumber, version: product.version,
      serialNumber: product.serialNumber, assetTag: product.assetTag, fruFileId: product.fruFileId, ...custom(product),
    }),
    ...(multirecords.length === 0 ? {} : { furtherRecords: multirecords.map(({ typeName }) => typeName) }),
    ...(problems.length === 0 ? {} : { problems: [...problems] }),
  });
}

function custom({ custom: fields }: FruAreaFacts): JsonObject {
  const texts = fields.map(({ text }) => text).filter((text) => text !== '');
  return texts.length === 0 ? {} : { custom: texts };
}

/** Without what is null or an empty text. */
export function filled(values: Readonly<Record<string, JsonValue>>): JsonObject {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null && value !== ''));
}
