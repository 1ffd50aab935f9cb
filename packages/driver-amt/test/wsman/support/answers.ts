import type { ReceivedRequest } from './raw-device.js';

/** What stands between two tags of a request, whatever their prefix. */
export function valueOf(body: string, name: string): string | undefined {
  return new RegExp(`<(?:\\w+:)?${name}(?:\\s[^>]*)?>([^<]*)</`).exec(body)?.[1];
}

const HEAD =
  '<?xml version="1.0" encoding="UTF-8"?><a:Envelope xmlns:a="http://www.w3.org/2003/05/soap-envelope" xmlns:b="http://schemas.xmlsoap.org/ws/2004/08/addressing" ' +
  'xmlns:c="http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd" xmlns:d="http://schemas.xmlsoap.org/ws/2004/09/enumeration">';

/** An envelope that answers this request as firmware would. */
export function envelope(request: ReceivedRequest, body: string, header: { readonly relatesTo?: string; readonly action?: string } = {}): string {
  const relatesTo = header.relatesTo ?? valueOf(request.body, 'MessageID') ?? '';
  const action = header.action ?? `${valueOf(request.body, 'Action') ?? ''}Response`;
  return (
    `${HEAD}<a:Header><b:To>http://schemas.xmlsoap.org/ws/2004/08/addressing/role/anonymous</b:To><b:RelatesTo>${relatesTo}</b:RelatesTo>` +
    `<b:Action a:mustUnderstand="true">${action}</b:Action><b:MessageID>uuid:00000000-8086-8086-8086-000000000001</b:MessageID>` +
    `<c:ResourceURI>${valueOf(request.body, 'ResourceURI') ?? ''}</c:ResourceURI></a:Header><a:Body>${body}</a:Body></a:Envelope>`
  );
}

/** The answer to Get, Put or a method: an element of the class with one field, or an output with ReturnValue. */
export function plainAnswer(request: ReceivedRequest): string {
  const uri = valueOf(request.body, 'ResourceURI') ?? '';
  const action = valueOf(request.body, 'Action') ?? '';
  const last = action.slice(action.lastIndexOf('/') + 1);
  if (last === 'Delete') return envelope(request, '');
  if (action.startsWith(uri)) return envelope(request, `<g:${last}_OUTPUT xmlns:g="${uri}"><g:ReturnValue>0</g:ReturnValue></g:${last}_OUTPUT>`);
  const name = uri.slice(uri.lastIndexOf('/') + 1);
  return envelope(request, `<g:${name} xmlns:g="${uri}"><g:ElementName>one</g:ElementName></g:${name}>`);
}

export function faultAnswer(request: ReceivedRequest, subcode: string, detail = ''): string {
  return envelope(
    request,
    `<a:Fault><a:Code><a:Value>a:Sender</a:Value><a:Subcode><a:Value>c:${subcode}</a:Value></a:Subcode></a:Code>` +
      `<a:Reason><a:Text xml:lang="en-US">No.</a:Text></a:Reason><a:Detail>${detail}</a:Detail></a:Fault>`,
    { action: 'http://schemas.dmtf.org/wbem/wsman/1/wsman/fault' },
  );
}

export interface HttpAnswer {
  readonly status?: string;
  readonly headers?: readonly string[];
}

/** An HTTP answer with Content-Length. */
export function http(body: string, { status = '200 OK', headers = [] }: HttpAnswer = {}): string {
  const lines = [`HTTP/1.1 ${status}`, 'Server: Intel(R) Active Management Technology 15.0.23.1706', ...headers];
  const typed = headers.some((line) => /^content-type:/i.test(line)) ? [] : ['Content-Type: application/soap+xml; charset=UTF-8'];
  return `${[...lines, ...typed, `Content-Length: ${Buffer.byteLength(body)}`].join('\r\n')}\r\n\r\n${body}`;
}

/** An HTTP answer in chunks of the given sizes, the last of which is repeated; sizes in four hexadecimal digits, as AMT writes them. */
export function chunked(body: string, ...sizes: readonly number[]): string {
  const bytes = Buffer.from(body);
  const parts: string[] = [];
  for (let offset = 0, index = 0; offset < bytes.length; index += 1) {
    const size = sizes[Math.min(index, sizes.length - 1)] ?? bytes.length;
    const part = bytes.subarray(offset, offset + size);
    parts.push(`${part.length.toString(16).toUpperCase().padStart(4, '0')}\r\n${part.toString('latin1')}\r\n`);
    offset += size;
  }
  return `HTTP/1.1 200 OK\r\nContent-Type: application/soap+xml; charset=UTF-8\r\nTransfer-Encoding: chunked\r\n\r\n${parts.join('')}0\r\n\r\n`;
}
