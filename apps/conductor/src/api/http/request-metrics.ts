import type { FastifyInstance } from 'fastify';
import { Histogram, type Registry } from 'prom-client';

const NAME = 'ferric_http_request_duration_seconds';

/** Measures every request by method, pattern of its path and status; unknown paths count together. */
export function measureRequests(app: FastifyInstance, registry: Registry): void {
  const known = registry.getSingleMetric(NAME) as Histogram<'method' | 'route' | 'status'> | undefined;
  const durations =
    known ??
    new Histogram({
      name: NAME,
      help: 'Time to answer a request.',
      labelNames: ['method', 'route', 'status'],
      buckets: [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 30],
      registers: [registry],
    });
  app.addHook('onResponse', async (request, reply) => {
    const route = request.is404 ? 'unknown' : (request.routeOptions.url ?? 'unknown');
    durations.observe({ method: request.method, route, status: reply.statusCode }, reply.elapsedTime / 1000);
  });
}
