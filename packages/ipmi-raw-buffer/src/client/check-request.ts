import { invalidOptions, type OptionIssue, printValue } from '@ferric/core';
import type { BridgeHop, IpmiRequest } from '../message/request.js';

const MOST_HOPS = 2;
const LARGEST_NET_FN = 62;
const LARGEST_COMMAND = 255;
const LARGEST_LUN = 3;
const LARGEST_CHANNEL = 15;
const LARGEST_ADDRESS = 254;

/** @throws INVALID_OPTIONS for a request that cannot be encoded */
export function checkRequest(request: IpmiRequest, step: string): void {
  const { netFn, command, lun = 0, data, bridge } = request;
  const issues = [
    isEven(netFn, LARGEST_NET_FN) ? undefined : invalid('netFn', `an even whole number from 0 to ${LARGEST_NET_FN}`, netFn),
    isWhole(command, LARGEST_COMMAND) ? undefined : invalid('command', `a whole number from 0 to ${LARGEST_COMMAND}`, command),
    isWhole(lun, LARGEST_LUN) ? undefined : invalid('lun', `a whole number from 0 to ${LARGEST_LUN}`, lun),
    data === undefined || data instanceof Uint8Array ? undefined : invalid('data', 'bytes', data),
    ...(bridge === undefined ? [] : bridgeIssues(bridge)),
  ].filter((issue) => issue !== undefined);
  if (issues.length > 0) throw invalidOptions(step, issues);
}

function bridgeIssues(bridge: readonly BridgeHop[]): readonly (OptionIssue | undefined)[] {
  if (bridge.length > MOST_HOPS) return [invalid('bridge', `at most ${MOST_HOPS} hops`, bridge.length)];
  return bridge.flatMap(({ channel, address }, index) => [
    isWhole(channel, LARGEST_CHANNEL) ? undefined : invalid(`bridge.${index}.channel`, `a whole number from 0 to ${LARGEST_CHANNEL}`, channel),
    isEven(address, LARGEST_ADDRESS) ? undefined : invalid(`bridge.${index}.address`, `an even whole number from 0 to ${LARGEST_ADDRESS}`, address),
  ]);
}

function invalid(field: string, expected: string, value: unknown): OptionIssue {
  return { field, problem: 'invalid', expected, received: printValue(value) };
}

function isWhole(value: number, maximum: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= maximum;
}

function isEven(value: number, maximum: number): boolean {
  return isWhole(value, maximum) && value % 2 === 0;
}
