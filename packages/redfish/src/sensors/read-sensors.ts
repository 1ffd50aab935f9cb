import { type CallOptions, errorCode } from '@ferric/core';
import type { RedfishClient } from '../client/client-types.js';
import { within } from '../client/within.js';
import { findLink, findLinks, requireLink } from '../resource/links.js';
import type { Resource } from '../resource/resource.js';
import { readMembers } from '../walk/collection.js';
import { decodeSensor, decodeSensorLists, POWER_LISTS, THERMAL_LISTS } from './decode-sensors.js';
import type { Sensor } from './sensor.js';

/** The chassis that a system is in, those it names itself; else all of the service. */
export async function readChassis(client: RedfishClient, system: Resource | undefined, options?: CallOptions): Promise<readonly Resource[]> {
  return within(client, options, 'the chassis', async (call) => {
    const paths = system === undefined ? [] : findLinks(system, 'Chassis');
    if (paths.length === 0) return readMembers(client, requireLink(await client.root(call), 'Chassis'), call);
    const chassis: Resource[] = [];
    for (const path of paths) chassis.push(await client.read(path, call));
    return chassis;
  });
}

/**
 * All sensors of a chassis: from Thermal and Power (RIS calls that PowerMetrics), and from the collection Sensors of newer services where those are not
 * offered. Empty when it offers none of them.
 */
export async function readSensors(client: RedfishClient, chassis: Resource, options?: CallOptions): Promise<readonly Sensor[]> {
  return within(client, options, 'sensors', async (call) => {
    const thermal = await readOffered(client, findLink(chassis, 'Thermal', 'ThermalMetrics'), call);
    const power = await readOffered(client, findLink(chassis, 'Power', 'PowerMetrics'), call);
    const listed = [
      ...(thermal === undefined ? [] : decodeSensorLists(thermal, THERMAL_LISTS)),
      ...(power === undefined ? [] : decodeSensorLists(power, POWER_LISTS)),
    ];
    const collection = findLink(chassis, 'Sensors');
    if (listed.length > 0 || collection === undefined) return listed;
    return (await readMembers(client, collection, call)).map(decodeSensor);
  });
}

/** Deprecated resources are still linked by some services that do not have them any more. */
async function readOffered(client: RedfishClient, path: string | undefined, call: CallOptions): Promise<Resource | undefined> {
  if (path === undefined) return undefined;
  try {
    return await client.read(path, call);
  } catch (error) {
    if (errorCode(error) === 'NOT_FOUND' || errorCode(error) === 'UNSUPPORTED') return undefined;
    throw error;
  }
}
