import type { Fault, JsonObject } from '@ferric/core';
import type { Controller } from '../controller.js';
import { identify } from './authenticate.js';
import { asText, type RestAnswer, type RestContext } from './resource.js';

/** Opens a session for a name and a password. @param place where the interface has its sessions, and how it shows one */
export async function logIn(
  controller: Controller,
  body: JsonObject | 'not json',
  context: RestContext,
  fault: Fault | undefined,
  place: { readonly path: string; readonly show: (context: RestContext, id: string) => JsonObject | undefined },
): Promise<RestAnswer> {
  if (body === 'not json') return { status: 400, messages: [{ registry: 'Base', key: 'MalformedJSON' }] };
  if (fault?.kind === 'command failure') return { reason: 'failed', about: [] };
  const account = await identify(controller, asText(body['UserName']) ?? '', asText(body['Password']) ?? '');
  // iLO 4 calls it a bad request. Source: HPE python-ilorest-library, login.
  const refusedWith = controller.machine.identity.facts.iloNumber === 4 ? 400 : 401;
  if (account === undefined) return { status: refusedWith, messages: [{ registry: 'iLO', key: 'UnauthorizedLoginAttempt' }] };
  const session = controller.sessions.begin(account);
  if (session === undefined) return { status: 503, messages: [{ registry: 'Base', key: 'SessionLimitExceeded' }] };
  const { counter, sessions } = controller;
  counter.logins += 1;
  counter.mostSessions = Math.max(counter.mostSessions, sessions.open.length);
  const path = `${place.path}/${session.id}`;
  return {
    status: 201,
    // The location is absolute, with the address at which the client found the iLO.
    headers: { 'X-Auth-Token': session.token.reveal(), Location: `${context.origin}${context.href(path)}` },
    body: place.show(context, session.id) ?? {},
  };
}
