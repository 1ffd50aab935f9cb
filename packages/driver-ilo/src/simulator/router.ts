import type { Fault } from '@ferric/core';
import type { Controller } from './controller.js';
import type { Faces } from './generations.js';
import { createRedfishService } from './redfish/redfish-service.js';
import { answerRest } from './rest/rest-face.js';
import type { RestService } from './rest/service.js';
import { answerRibcl, answerUpload } from './ribcl/ribcl-face.js';
import { createEarlyService, createRisService } from './ris/ris-service.js';
import type { WireReply, WireRequest } from './wire/reply.js';
import { answerXmlData } from './xmldata.js';

/** Answers a request by the interface that it is for. */
export type Router = (request: WireRequest, fault: Fault | undefined) => Promise<WireReply>;

/** @param origin `https://host:port`, as clients find the iLO */
export function createRouter(controller: Controller, faces: Faces, origin: string): Router {
  const services = servicesOf(controller, faces, origin);
  const places: Readonly<Record<string, Router>> = {
    '/ribcl': (request, fault) => answerRibcl(controller, faces, request, fault),
    '/cgi-bin/uploadribclfiles': async (request) => answerUpload(faces, request),
    '/xmldata': async (request) => xmlData(controller, request),
    ...(faces.redfish === undefined ? {} : { '/redfish': async () => json({ v1: '/redfish/v1/' }) }),
  };
  return async (request, fault) => {
    const url = URL.parse(request.target, origin);
    if (url === null) return html(400, 'Bad Request');
    const { pathname, search } = url;
    const path = pathname.toLowerCase();
    const place = places[path.replace(/\/$/, '')];
    if (place !== undefined) return place(request, fault);
    const service = services.find(({ root }) => path === root || path.startsWith(`${root}/`));
    if (service !== undefined) return answerRest(service, controller, request, fault);
    // iLO 5 sends who knows only the ancestor of Redfish to the right place.
    const isMoved = path.startsWith('/rest/v1') && controller.machine.identity.generation === 'gen10';
    return isMoved ? html(308, 'Permanent Redirect', { Location: `/redfish/v1${pathname.slice('/rest/v1'.length)}${search}` }) : html(404, 'Not Found');
  };
}

function servicesOf({ machine }: Controller, faces: Faces, origin: string): readonly RestService[] {
  return [
    ...(faces.redfish === 'full' ? [createRedfishService(machine, origin)] : []),
    ...(faces.redfish === 'early' ? [createEarlyService(origin)] : []),
    ...(faces.ris ? [createRisService(origin)] : []),
  ];
}

function xmlData(controller: Controller, request: WireRequest): WireReply {
  if (controller.phase !== 'up') return html(503, 'Service Unavailable', { 'Retry-After': '1' });
  if (!controller.behaviour.xmldata) return html(404, 'Not Found');
  return answerXmlData(controller, new URL(request.target, 'https://ilo').searchParams.get('item') ?? 'all');
}

function json(value: Readonly<Record<string, string>>): WireReply {
  return { status: 200, headers: { 'Content-Type': 'application/json; charset=utf-8' }, body: Buffer.from(JSON.stringify(value)) };
}

function html(status: number, text: string, headers: Readonly<Record<string, string>> = {}): WireReply {
  return { status, headers: { 'Content-Type': 'text/html', ...headers }, body: Buffer.from(`<html><body>${status} ${text}</body></html>`) };
}
