import { send } from '@fastify/send';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ImageFile } from '../../boot/image-folders.js';
import { pathNotFound } from '../http/http-fault.js';

/** Statuses about ranges and conditions, which the client should see as they are. */
const PASSED_ON: ReadonlySet<number> = new Set([412, 416]);

/** Sends a file, or the parts of it that the request asks for. @throws HttpFault 404 when it went away meanwhile. */
export async function sendFile(request: FastifyRequest, reply: FastifyReply, file: ImageFile): Promise<FastifyReply> {
  const path = `/${file.parts.map(encodeURIComponent).join('/')}`;
  const result = await send(request.raw, path, { root: file.root, dotfiles: 'deny', index: false, cacheControl: false, contentType: false });
  if (result.type === 'file') {
    // Always bytes: a page in a browser must not get to run what somebody put into a folder of images.
    const type = { 'content-type': 'application/octet-stream', 'x-content-type-options': 'nosniff' };
    return reply.code(result.statusCode).headers({ ...result.headers, ...type }).send(result.stream);
  }
  result.stream.destroy();
  if (!PASSED_ON.has(result.statusCode)) throw pathNotFound();
  const range = result.headers['Content-Range'];
  return reply.code(result.statusCode).headers(range === undefined ? {} : { 'content-range': range }).send();
}
