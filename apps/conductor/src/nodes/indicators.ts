import { INDICATOR_COMPONENTS, INDICATOR_STATES, type CallOptions, type Indicator, type Indicators, type IndicatorState } from '@ferric/core';
import { faults } from '../fault.js';
import type { ConductorContext } from './conductor-context.js';
import { openForCall, writeManaged } from './management.js';
import type { IndicatorName, Requester } from './node-service.js';
import type { OpenTask } from './node-task.js';
import type { StoredNode } from './stored-node.js';

/** The lamps of a machine. Source: Ironic, ConductorManager.get_supported_indicators. */
export async function readIndicators(context: ConductorContext, node: StoredNode, requester: Requester): Promise<readonly Indicator[]> {
  await using opened = await openForCall(context, node, requester);
  return await requireIndicators(node, opened, 'get_supported_indicators').list(callOptions(context, requester));
}

/** @throws RequestFault 400 for an indicator that is not there. */
export async function readIndicator(context: ConductorContext, node: StoredNode, wanted: IndicatorName, requester: Requester): Promise<IndicatorState> {
  await using opened = await openForCall(context, node, requester);
  const indicators = requireIndicators(node, opened, 'get_indicator_state');
  const { component, name } = await find(indicators, wanted, callOptions(context, requester));
  return await indicators.read(component, name, callOptions(context, requester));
}

/** Sets a lamp under the node's lock. */
export async function setIndicator(context: ConductorContext, node: StoredNode, wanted: IndicatorName, state: string, requester: Requester): Promise<void> {
  await using lock = await context.locks.acquire(node.uuid, requester.signal);
  await using opened = await openForCall(context, lock.node, requester);
  const indicators = requireIndicators(node, opened, 'set_indicator_state');
  const indicator = await find(indicators, wanted, callOptions(context, requester));
  const known = INDICATOR_STATES.find((each) => each === state);
  if (known === undefined || !indicator.states.includes(known)) throw faults.invalidIndicatorState(state, indicator.states);
  await indicators.set(indicator.component, indicator.name, known, callOptions(context, requester));
  const unique = `${indicator.name}@${indicator.component}`;
  await writeManaged(context, node, opened, { type: 'indicator-set', message: `Indicator ${unique} ${known}`, details: { indicator: unique, state: known } }, requester);
}

function requireIndicators(node: StoredNode, { device }: OpenTask, extension: string): Indicators {
  if (device.indicators === undefined) throw faults.unsupported(node.driver, extension);
  return device.indicators;
}

async function find(indicators: Indicators, { component, name }: IndicatorName, options: CallOptions): Promise<Indicator> {
  if (!INDICATOR_COMPONENTS.some((each) => each === component)) throw faults.invalidIndicatorComponent(component);
  const found = (await indicators.list(options)).find((each) => each.component === component && each.name === name);
  if (found === undefined) throw faults.invalidIndicator(name);
  return found;
}

function callOptions({ settings }: ConductorContext, { signal }: Requester): CallOptions {
  return { signal, timeoutMs: settings.deviceTimeoutMs };
}
