import type { JsonValue } from '../json.js';
import type { ObjectSchema } from '../schema/object-schema.js';
import type { CallOptions } from '../time/call-options.js';

export type HttpMethod = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** Bytes that a vendor method with `attach` hands to the client as they are. */
export interface Attachment {
  readonly contentType: string;
  readonly body: string | Uint8Array;
}

/** One method that only this hardware has; what Ironic calls vendor passthru. */
export interface VendorMethod<Arguments = never> {
  readonly description: string;
  readonly httpMethods: readonly HttpMethod[];
  /** True: the caller is answered before the work is done. */
  readonly async: boolean;
  /** True: the result is an {@link Attachment}, sent as a plain file. */
  readonly attach: boolean;
  /** False: may run while somebody else works on the node. Ignored on driver level, where no node is involved. */
  readonly requireExclusiveLock: boolean;
  readonly arguments: ObjectSchema<Arguments>;
  call(args: Arguments, options?: CallOptions): Promise<JsonValue | Attachment>;
}

/** Methods by name. */
export interface VendorMethods {
  readonly methods: Readonly<Record<string, VendorMethod>>;
}

/** Writes a method with its argument type inferred, as {@link VendorMethods} stores it. */
export function defineVendorMethod<Arguments>(method: VendorMethod<Arguments>): VendorMethod {
  return method as unknown as VendorMethod;
}
