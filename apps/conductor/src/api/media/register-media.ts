import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { MEDIA_PATH } from '../../media/media-address.js';
import type { MediaService } from '../../media/media-service.js';
import { sendFile } from '../boot/send-file.js';
import type { ApiDependencies } from '../dependencies.js';
import { defineEndpoint, type AnyEndpoint } from '../http/endpoint.js';
import { pathNotFound } from '../http/http-fault.js';
import { refuseOthers } from '../http/register-endpoints.js';

const MEDIA_URL = `${MEDIA_PATH}/:node/:key/:name`;

/** Virtual media as controllers load them: whole, in parts (Range), or asked for first (HEAD). They have no account; the address is the key. */
export function registerMedia(app: FastifyInstance, { media }: ApiDependencies): void {
  if (media === undefined) return;
  app.route({
    method: ['GET', 'HEAD'],
    url: MEDIA_URL,
    exposeHeadRoute: false,
    config: { unversioned: true, public: true },
    handler: (request, reply) => sendMedium(media, request, reply),
  });
  refuseOthers(app, MEDIA_URL, ['GET']);
}

async function sendMedium(media: MediaService, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const { node = '', key = '', name = '' } = request.params as Readonly<Record<string, string | undefined>>;
  const file = await media.find({ nodeUuid: node, key, name }, { requestId: request.id, address: request.ip }, { noted: request.method === 'GET' });
  if (file === undefined) throw pathNotFound();
  reply.header('cache-control', 'no-store');
  return sendFile(request, reply, file);
}

/** The endpoint as the description of the API shows it. It is served by {@link registerMedia}. */
export function mediaEndpoints({ media }: ApiDependencies): readonly AnyEndpoint[] {
  if (media === undefined) return [];
  const served = async (): Promise<never> => {
    throw pathNotFound();
  };
  return [
    defineEndpoint({
      method: 'GET',
      path: MEDIA_URL,
      public: true,
      summary: 'Sends an image for a virtual drive to the controller of a machine. The key in the address is known to nobody else.',
      answer: { status: 200, description: 'The image, or the part of it that the header Range asks for.', schema: { type: 'string', format: 'binary' }, mediaType: 'application/octet-stream' },
      handle: served,
    }),
  ];
}
