import { toFerricError } from '@ferric/core';
import type { FastifyInstance } from 'fastify';
import type { ApiDependencies } from '../dependencies.js';
import { refuseOthers } from '../http/register-endpoints.js';

/** Supervisors have no account; what is told here is no secret. */
const PUBLIC = { unversioned: true, public: true } as const;

/** `/healthz`, `/readyz` and `/metrics`, for supervisors. */
export function registerHealth(app: FastifyInstance, api: ApiDependencies): void {
  app.get('/healthz', { config: PUBLIC }, async () => ({ status: 'alive' }));
  app.get('/readyz', { config: PUBLIC }, async (_request, reply) => {
    const reason = await notReadyReason(api);
    if (reason === null) return { status: 'ready' };
    return reply.code(503).send({ status: 'not ready', reason });
  });
  for (const url of ['/healthz', '/readyz']) refuseOthers(app, url, ['GET']);
  registerMetrics(app, api);
}

async function notReadyReason(api: ApiDependencies): Promise<string | null> {
  const reason = api.notReady?.() ?? null;
  if (reason !== null) return reason;
  try {
    await api.store.ping();
    return null;
  } catch (error) {
    api.logger.warn({ error }, 'The store does not answer');
    // The message of a database error may name hosts and users; whoever may not read the log need not know them.
    return `the store does not answer (${toFerricError(error).code})`;
  }
}

function registerMetrics(app: FastifyInstance, { metrics }: ApiDependencies): void {
  if (metrics === undefined) return;
  app.get('/metrics', { config: { unversioned: true } }, async (_request, reply) => reply.header('content-type', metrics.contentType).send(await metrics.metrics()));
  refuseOthers(app, '/metrics', ['GET']);
}
