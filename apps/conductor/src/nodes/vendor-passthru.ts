import { optionIssues, type Attachment, type HttpMethod, type JsonObject, type JsonValue, type VendorMethod, type VendorMethods } from '@ferric/core';
import { describeFailure } from '../failure-text.js';
import { faults } from '../fault.js';
import type { ConductorContext } from './conductor-context.js';
import type { Requester, VendorAnswer } from './node-service.js';
import { openTask, type OpenTask } from './node-task.js';
import { memoryChanges } from './power-knowledge.js';
import { actorOf } from './requester.js';
import type { StoredNode } from './stored-node.js';

/** The vendor methods of a node; none when its vendor interface is empty. */
export async function vendorMethodsOf(context: ConductorContext, node: StoredNode): Promise<Readonly<Record<string, VendorMethod>>> {
  await using opened = await openTask(context, node, new AbortController().signal);
  return opened.device.vendor?.methods ?? {};
}

/** Finds a method and checks that it may be called so. Source: Ironic, vendor_passthru in conductor/manager.py (order of checks). */
export function admitMethod(vendor: VendorMethods | undefined, name: string, httpMethod: HttpMethod): VendorMethod {
  const method = vendor !== undefined && Object.hasOwn(vendor.methods, name) ? vendor.methods[name] : undefined;
  if (method === undefined) throw faults.noVendorMethod(name);
  if (!method.httpMethods.includes(httpMethod)) throw faults.vendorHttpMethod(name, httpMethod);
  return method;
}

/** Checks the arguments; a missing one is refused in Ironic's words. */
export function parseArguments(name: string, method: VendorMethod, args: JsonObject): never {
  try {
    return method.arguments.parse(args);
  } catch (error) {
    const missing = optionIssues(error).find((issue) => issue.problem === 'missing');
    throw missing === undefined ? error : faults.vendorArgumentMissing(missing.field, name);
  }
}

/** The result of a method as the API sends it. */
export function toAnswer(method: VendorMethod, result: JsonValue | Attachment): VendorAnswer {
  return method.attach ? { kind: 'attachment', attachment: result as Attachment } : { kind: 'value', value: result as JsonValue };
}

/** Calls a vendor method of a node: a synchronous one is answered with its result, an asynchronous one before it runs. */
export async function callVendorMethod(
  context: ConductorContext,
  node: StoredNode,
  name: string,
  httpMethod: HttpMethod,
  args: JsonObject,
  requester: Requester,
): Promise<VendorAnswer> {
  const { requireExclusiveLock, async } = await checkCall(context, node, name, httpMethod, args);
  const lock = requireExclusiveLock ? await context.locks.acquire(node.uuid, requester.signal) : undefined;
  const call = async (signal: AbortSignal): Promise<VendorAnswer> => {
    await using _lock = lock;
    await using opened = await openTask(context, lock?.node ?? node, signal);
    const method = admitMethod(opened.device.vendor, name, httpMethod);
    const options = { signal, timeoutMs: context.settings.powerChangeTimeoutMs };
    const result = await method.call(parseArguments(name, method, args), options);
    await note(context, lock?.node ?? node, opened, 'vendor-method-called', `${name} was called`, name, requester);
    return toAnswer(method, result);
  };
  if (!async) return call(requester.signal ?? new AbortController().signal);
  context.background.run(`vendor method ${name}`, (signal) => inBackground(context, node, name, requester, () => call(signal)));
  return { kind: 'accepted' };
}

async function checkCall(context: ConductorContext, node: StoredNode, name: string, httpMethod: HttpMethod, args: JsonObject): Promise<VendorMethod> {
  await using opened = await openTask(context, node, new AbortController().signal);
  const method = admitMethod(opened.device.vendor, name, httpMethod);
  parseArguments(name, method, args);
  return method;
}

async function inBackground(
  context: ConductorContext,
  node: StoredNode,
  name: string,
  requester: Requester,
  call: () => Promise<unknown>,
): Promise<void> {
  try {
    await call();
  } catch (error) {
    const reason = describeFailure(error);
    const message = `Vendor method ${name} failed: ${reason}`;
    await context.store.write(async (transaction) => {
      await transaction.nodes.update(node.uuid, { lastError: message });
      await transaction.events.append({
        nodeUuid: node.uuid, type: 'vendor-method-failed', severity: 'ERROR', message, details: { method: name }, actor: actorOf(requester),
      });
    });
  }
}

async function note(
  context: ConductorContext,
  node: StoredNode,
  opened: OpenTask,
  type: 'vendor-method-called',
  message: string,
  method: string,
  requester: Requester,
): Promise<void> {
  await context.store.write(async (transaction) => {
    const present = await transaction.nodes.getForUpdate(node.uuid);
    const memory = present === undefined ? {} : memoryChanges(present, opened.device);
    if (Object.keys(memory).length > 0) await transaction.nodes.update(node.uuid, memory);
    await transaction.events.append({ nodeUuid: node.uuid, type, severity: 'INFO', message, details: { method }, actor: actorOf(requester) });
  });
}
