import type { CallOptions } from '@ferric/core';
import type { RpcStream } from './rpc/rpc-connection.js';
import type { Procedure } from './wire/procedure.js';

/** What the typed calls are made of: a client, or one connection. */
export interface Caller {
  call<Arguments, Reply>(procedure: Procedure<Arguments, Reply>, args: Arguments, options?: CallOptions): Promise<Reply>;
  openStream<Arguments, Reply>(procedure: Procedure<Arguments, Reply>, args: Arguments, options?: CallOptions): Promise<RpcStream<Reply>>;
}
