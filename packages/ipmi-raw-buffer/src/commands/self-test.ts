import type { CallOptions } from '@ferric/core';
import { carryOut } from '../message/carry-out.js';
import type { RequestCarrier } from '../message/request.js';
import { requireBytes } from '../message/bytes.js';
import { carryOutAndDecode, once } from './answer.js';
import { choiceIssue, refuseIssues } from './inputs.js';

const STEP = 'Get Self Test Results';

export type SelfTestResult = 'passed' | 'not implemented' | 'inaccessible or corrupted' | 'fatal hardware error' | 'vendor-specific failure';

/** What the controller found when it last tested itself. */
export interface SelfTest {
  readonly result: SelfTestResult;
  /** What is inaccessible or corrupted, in words; empty otherwise. */
  readonly problems: readonly string[];
  /** Both bytes as they came; what the second says after a fatal error is up to the vendor. */
  readonly code: number;
  readonly detail: number;
}

/** Source: IPMI 2.0, section 20.4. */
const RESULTS: Readonly<Record<number, SelfTestResult>> = {
  0x55: 'passed',
  0x56: 'not implemented',
  0x57: 'inaccessible or corrupted',
  0x58: 'fatal hardware error',
};

/** Bits of the second byte after 57h, lowest first. Source: IPMI 2.0, section 20.4. */
const PROBLEMS = [
  'operational firmware of the controller corrupted',
  'boot block firmware of the controller corrupted',
  'internal use area of the BMC FRU corrupted',
  'SDR repository empty',
  'IPMB signal lines do not respond',
  'BMC FRU device inaccessible',
  'SDR repository inaccessible',
  'SEL inaccessible',
] as const;

/**
 * Reads the answer to Get Self Test Results.
 * @throws PROTOCOL_FAULT for fewer than 2 bytes
 */
export function decodeSelfTest(data: Uint8Array): SelfTest {
  const bytes = requireBytes(STEP, data, 2);
  const code = bytes.readUInt8(0);
  const detail = bytes.readUInt8(1);
  return {
    result: RESULTS[code] ?? 'vendor-specific failure',
    problems: code === 0x57 ? PROBLEMS.filter((_, bit) => (detail & (1 << bit)) !== 0) : [],
    code,
    detail,
  };
}

/** What the controller found when it last tested itself. Idempotent. Source: IPMI 2.0, section 20.4. */
export async function getSelfTestResults(bmc: RequestCarrier, options?: CallOptions): Promise<SelfTest> {
  return carryOutAndDecode(bmc, STEP, { netFn: 0x06, command: 0x04 }, decodeSelfTest, options);
}

/** Ways to restart the controller. Source: IPMI 2.0, sections 20.2 and 20.3. */
const BMC_RESETS = { cold: 0x02, warm: 0x03 } as const;
export type BmcReset = keyof typeof BMC_RESETS;

/**
 * Restarts the controller itself, not the machine. Sent once. Sessions end with it, so that a controller may restart without an answer: then it throws TIMEOUT.
 * @param reset `cold` starts from its defaults and tests itself; `warm` keeps what it was told and is not known to all controllers (UNSUPPORTED)
 */
export async function resetBmc(bmc: RequestCarrier, reset: BmcReset, options?: CallOptions): Promise<void> {
  refuseIssues('BMC reset', choiceIssue('reset', reset, BMC_RESETS));
  await carryOut(bmc, reset === 'cold' ? 'Cold Reset' : 'Warm Reset', { netFn: 0x06, command: BMC_RESETS[reset] }, once(options));
}
