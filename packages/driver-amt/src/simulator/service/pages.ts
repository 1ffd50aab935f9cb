import { Buffer } from 'node:buffer';

/** What no client of HTTP can read: the beginning of a TLS record. */
export const GARBAGE: Buffer = Buffer.from('160301004a010000', 'hex');

const page = (title: string, text: string): string =>
  `<!DOCTYPE html><html><head><meta http-equiv="Content-Type" content="text/html; charset=utf-8"><title>${title}</title></head>` +
  `<body><h1>${title}</h1><p>${text}</p></body></html>`;

/** What a browser is shown when nobody is logged in. */
export const logOnFailed = (): string =>
  page('Log on failed', 'The user name or the password is wrong, or this user may not log on from here. Ask the administrator of this computer.');

const TEXTS: Readonly<Record<number, readonly [title: string, text: string]>> = {
  200: ['Intel(R) Active Management Technology', 'This computer is managed at /wsman.'],
  404: ['Page not found', 'There is nothing here.'],
  503: ['Service unavailable', 'There is no room for another request now.'],
};

export function webPage(status: number): string {
  const [title, text] = TEXTS[status] ?? ['Bad request', 'This is not understood.'];
  return page(title, text);
}
