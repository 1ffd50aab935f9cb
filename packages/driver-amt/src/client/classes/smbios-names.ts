/**
 * Names of numbers that firmware passes on from the SMBIOS tables. Source: DSP0134 (System Management BIOS), the sections named.
 * Only what is found in machines with AMT; other numbers are kept as they are.
 */

/** Section 7.5.2, Processor Family. */
export const PROCESSOR_FAMILIES = {
  1: 'other', 2: 'unknown', 11: 'Intel Pentium', 15: 'Intel Celeron', 40: 'Intel Core Duo', 41: 'Intel Core Duo mobile', 42: 'Intel Core Solo mobile',
  43: 'Intel Atom', 44: 'Intel Core M', 45: 'Intel Core m3', 46: 'Intel Core m5', 47: 'Intel Core m7', 179: 'Intel Xeon', 191: 'Intel Core 2 Duo',
  192: 'Intel Core 2 Solo', 193: 'Intel Core 2 Extreme', 194: 'Intel Core 2 Quad', 195: 'Intel Core 2 Extreme mobile', 196: 'Intel Core 2 Duo mobile',
  197: 'Intel Core 2 Solo mobile', 198: 'Intel Core i7', 199: 'Intel Celeron dual-core', 205: 'Intel Core i5', 206: 'Intel Core i3',
  207: 'Intel Core i9', 214: 'Intel Xeon multi-core',
} as const;

/** Section 7.5.5, Processor Upgrade: the socket. */
export const PROCESSOR_SOCKETS = {
  1: 'other', 2: 'unknown', 3: 'daughter board', 4: 'ZIF socket', 6: 'none', 21: 'LGA775', 25: 'LGA1366', 29: 'LGA1156', 31: 'PGA988A', 32: 'BGA1288',
  33: 'rPGA988B', 34: 'BGA1023', 35: 'BGA1224', 36: 'LGA1155', 37: 'LGA1356', 38: 'LGA2011', 43: 'LGA2011-3', 45: 'LGA1150', 46: 'BGA1168',
  47: 'BGA1234', 48: 'BGA1364', 50: 'LGA1151', 51: 'BGA1356', 52: 'BGA1440', 53: 'BGA1515', 54: 'LGA3647', 57: 'LGA2066', 58: 'BGA1392',
  59: 'BGA1510', 60: 'BGA1528', 62: 'LGA1200', 63: 'LGA4677', 64: 'LGA1700', 65: 'BGA1744', 66: 'BGA1781', 67: 'BGA1211',
} as const;

/** Section 7.18.1, Memory Device form factor. */
export const MEMORY_FORM_FACTORS = {
  1: 'other', 2: 'unknown', 3: 'SIMM', 4: 'SIP', 5: 'chip', 6: 'DIP', 7: 'ZIP', 8: 'proprietary card', 9: 'DIMM', 10: 'TSOP', 11: 'row of chips',
  12: 'RIMM', 13: 'SODIMM', 14: 'SRIMM', 15: 'FB-DIMM', 16: 'die', 17: 'CAMM',
} as const;

/** Section 7.18.2, Memory Device type. */
export const MEMORY_TYPES = {
  1: 'other', 2: 'unknown', 3: 'DRAM', 15: 'SDRAM', 18: 'DDR', 19: 'DDR2', 20: 'DDR2 FB-DIMM', 24: 'DDR3', 25: 'FBD2', 26: 'DDR4', 27: 'LPDDR',
  28: 'LPDDR2', 29: 'LPDDR3', 30: 'LPDDR4', 31: 'logical non-volatile device', 32: 'HBM', 33: 'HBM2', 34: 'DDR5', 35: 'LPDDR5', 36: 'HBM3',
} as const;
