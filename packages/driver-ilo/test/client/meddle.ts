import { EventEmitter } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Server } from 'node:https';
import { onTestFinished } from 'vitest';

/** Sees a request before the simulator does. @returns whether it has answered, so that the simulator never sees it */
export type Meddler = (request: IncomingMessage, response: ServerResponse) => boolean;

/** Lets a test come between the client and the simulators, until it is disposed or the test has finished. */
export function meddle(meddler: Meddler): Disposable {
  const inherited = EventEmitter.prototype.emit;
  const own = function (this: EventEmitter, name: string, ...given: unknown[]): boolean {
    if (name === 'request' && meddler(...(given as [IncomingMessage, ServerResponse]))) return true;
    return inherited.call(this, name, ...given);
  };
  Object.defineProperty(Server.prototype, 'emit', { value: own, configurable: true, writable: true });
  const end = (): void => void Reflect.deleteProperty(Server.prototype, 'emit');
  onTestFinished(end);
  return { [Symbol.dispose]: end };
}

/** Answers in the simulator's place. */
export function answer(request: IncomingMessage, response: ServerResponse, status: number, body = '', type = 'application/json'): true {
  request.resume();
  response.writeHead(status, { 'Content-Type': type }).end(body);
  return true;
}

/** Lets the simulator do as it is told, and gives its answer another status. */
export function answerOtherwise(response: ServerResponse, status: number): false {
  const { writeHead } = response;
  response.writeHead = (_status: number, ...rest: unknown[]) => writeHead.call(response, status, ...(rest as [])) as never;
  return false;
}

/** Lets the simulator answer, and changes the text of what it says. */
export function answerEdited(response: ServerResponse, edit: (text: string) => string): false {
  const { end } = response;
  response.end = ((body: Buffer) => end.call(response, edit(body.toString()), 'utf8')) as never;
  return false;
}
