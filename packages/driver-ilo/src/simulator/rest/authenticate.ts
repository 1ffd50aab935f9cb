import { delay } from '@ferric/core';
import type { Controller } from '../controller.js';
import type { Account } from '../machine/accounts.js';
import type { Session } from '../sessions.js';
import type { WireRequest } from '../wire/reply.js';

export interface Identified {
  readonly account: Account;
  /** Undefined: by name and password. */
  readonly session: Session | undefined;
}

/** Who sends a request: undefined when it does not say, `refused` when it says something wrong. */
export async function authenticate(controller: Controller, request: WireRequest): Promise<Identified | 'refused' | undefined> {
  const token = request.headers['x-auth-token'];
  if (typeof token === 'string') {
    const session = controller.sessions.use(token);
    return session === undefined ? 'refused' : { account: session.account, session };
  }
  const { authorization } = request.headers;
  if (typeof authorization !== 'string') return undefined;
  const [scheme = '', value = ''] = authorization.split(' ');
  if (scheme.toLowerCase() !== 'basic') return 'refused';
  const decoded = Buffer.from(value, 'base64').toString('utf8');
  const colon = decoded.indexOf(':');
  const account = await identify(controller, decoded.slice(0, colon), decoded.slice(colon + 1));
  return account === undefined ? 'refused' : { account, session: undefined };
}

/** Counts an attempt and makes those who fail wait. */
export async function identify(controller: Controller, login: string, password: string): Promise<Account | undefined> {
  const { counter, machine, behaviour } = controller;
  counter.attempts += 1;
  const account = machine.accounts.identify(login, password);
  if (account !== undefined) return account;
  machine.iloLog.write('Caution', `iLO ${machine.identity.facts.iloNumber}`, 'Login failure from an unauthorized source.');
  if (behaviour.loginFailureDelayMs > 0) await delay(behaviour.loginFailureDelayMs, { clock: machine.clock });
  return undefined;
}
