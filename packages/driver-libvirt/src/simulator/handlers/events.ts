import type { ProcedureTable } from '../daemon/procedure.js';
import { ERROR, ERROR_DOMAIN, RemoteError } from '../wire/remote-error.js';
import { readDomain } from '../wire/structs.js';

export const eventProcedures: ProcedureTable = {
  316: {
    name: 'virConnectDomainEventRegisterAny',
    answer({ host, session, args, reply }) {
      const eventId = args.int();
      const domain = args.optional(() => readDomain(args));
      const uuid = domain === null ? null : host.domains.byReference(domain).uuid;
      const id = host.events.register({ eventId, uuid, deliver: session.link.deliverEvent });
      session.callbacks.add(id);
      reply.int(id);
    },
  },
  317: {
    name: 'virConnectDomainEventDeregisterAny',
    answer({ host, session, args }) {
      const id = args.int();
      // Numbers are given for all clients, but only one's own can be given back.
      if (!session.callbacks.delete(id)) throw new RemoteError(ERROR.internal, ERROR_DOMAIN.rpc, `domain event callback ${id} not registered`);
      host.events.deregister(id);
    },
  },
};
