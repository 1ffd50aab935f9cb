import { randomBytes } from 'node:crypto';
import type { Fault } from '@ferric/core';
import { type Controller, createCaller } from '../controller.js';
import type { Faces } from '../generations.js';
import type { Account } from '../machine/accounts.js';
import { refuse } from '../outcome.js';
import { identify } from '../rest/authenticate.js';
import type { WireReply, WireRequest } from '../wire/reply.js';
import { type Commands, documentOf, type RibclContext } from './command.js';
import { cutIntoChunks, type RibclDocument, writeDocuments } from './documents.js';
import { readRequest, type RequestElement } from './request-tree.js';
import { RIB_COMMANDS } from './rib-commands.js';
import { SERVER_COMMANDS } from './server-commands.js';
import { USER_COMMANDS } from './user-commands.js';

const GROUPS: Readonly<Record<string, Commands>> = { SERVER_INFO: SERVER_COMMANDS, RIB_INFO: RIB_COMMANDS, USER_INFO: USER_COMMANDS };

/** Groups for which this machine has no parts, and what it says to that. */
const STRANGE_GROUPS: Readonly<Record<string, RibclDocument>> = {
  RACK_INFO: { status: 0x002a, message: 'Server is not a rack server; rack commands do not apply.' },
  BLADESYSTEM_INFO: { status: 0x003c, message: 'Feature not supported - BLADESYSTEM_INFO' },
};

const DRIVES: ReadonlySet<string> = new Set(['CDROM', 'FLOPPY']);

const OK: RibclDocument = {};
/** What some firmware says to all programs but the vendor's newest. */
const OUTDATED: RibclDocument = { payload: '<INFORM>Scripting utility should be updated to the latest version.</INFORM>' };

/** Answers a request to `/ribcl`. */
export async function answerRibcl(controller: Controller, faces: Faces, request: WireRequest, fault: Fault | undefined): Promise<WireReply> {
  // Where RIBCL is gone or switched off, its place says so. Source: proliantutils issues; the text is what clients look for.
  if (controller.machine.identity.generation === 'gen11') return text(200, 'RIBCLI is disabled');
  if (!faces.ribcl || !controller.behaviour.ribcl) return text(404, 'Not Found');
  if (request.method !== 'POST') return text(405, 'Method Not Allowed');
  if (controller.phase !== 'up' || fault?.kind === 'busy') return text(503, 'Service Unavailable');
  const read = readRequest(request.body.toString('latin1'));
  const documents = 'badLine' in read ? [OK, syntaxError(read.badLine, read.badText)] : await run(controller, read.root, fault);
  const body = writeDocuments(documents, controller.behaviour.damage);
  const date = controller.machine.clock.now().toUTCString();
  return {
    status: 200,
    headers: { 'Content-Type': 'text/xml', Date: date, 'Cache-Control': 'no-cache', Expires: 'Thu, 26 Oct 1995 00:00:00 GMT', Server: 'Allegro-Software-RomPager/4.62' },
    body,
    chunks: cutIntoChunks(body, controller.behaviour.chunks),
    asked: 'badLine' in read ? 'syntax error' : commandsOf(read.root),
  };
}

/** The commands of a request, and the drive that each is about. Nothing else of it: there are passwords and keys in it. */
function commandsOf(root: RequestElement): string {
  const groups = root.children.find(({ name }) => name === 'LOGIN')?.children ?? [];
  const commands = groups.flatMap(({ name: group, children }) => children.map(({ name, attributes: { DEVICE: drive = '' } }) => {
    if (GROUPS[group]?.[name] === undefined) return 'an unknown command';
    return DRIVES.has(drive.toUpperCase()) ? `${name} ${drive.toUpperCase()}` : name;
  }));
  return commands.length === 0 ? 'no command' : commands.join(', ');
}

/** Answers the upload of firmware, which a command writes later. */
export function answerUpload(faces: Faces, request: WireRequest): WireReply {
  if (!faces.ribcl || request.method !== 'POST') return text(404, 'Not Found');
  return {
    status: 200,
    headers: { 'Content-Type': 'text/html', 'Set-Cookie': `SSLSESSIONID=${randomBytes(8).toString('hex')}`, Connection: 'close' },
    body: Buffer.from('<html><body>The upload is complete.</body></html>'),
  };
}

function text(status: number, content: string): WireReply {
  return { status, headers: { 'Content-Type': 'text/html', Connection: 'close' }, body: Buffer.from(`<html><body>${content}</body></html>`) };
}

function syntaxError(line: number, near: string): RibclDocument {
  const word = near.replaceAll(/[<>'"&]/g, '');
  return { status: 1, message: `Syntax error: Line #${line}: syntax error near "${word}" in the line: "${word}"` };
}

/** One document for each tag that opens or closes, and two for each command. */
async function run(controller: Controller, root: RequestElement, fault: Fault | undefined): Promise<readonly RibclDocument[]> {
  if (root.name !== 'RIBCL') return [syntaxError(root.line, root.name)];
  const login = root.children.find(({ name }) => name === 'LOGIN');
  if (login === undefined) return [OK];
  const account = await identify(controller, login.attributes['USER_LOGIN'] ?? '', login.attributes['PASSWORD'] ?? '');
  // Some firmware tells an unknown name from a wrong password; this one does not.
  if (account === undefined) return [OK, { status: 0x005f, message: 'Login failed.' }];
  const first = controller.behaviour.informs ? OUTDATED : OK;
  return [first, OK, ...login.children.flatMap((group) => runGroup(controller, account, group, fault)), OK];
}

function runGroup(controller: Controller, account: Account, group: RequestElement, fault: Fault | undefined): readonly RibclDocument[] {
  const strange = STRANGE_GROUPS[group.name];
  if (strange !== undefined) return [OK, strange, OK];
  const commands = GROUPS[group.name];
  if (commands === undefined) return [syntaxError(group.line, group.name)];
  const context: RibclContext = { controller, machine: controller.machine, caller: createCaller(controller, account, fault) };
  const mayWrite = (group.attributes['MODE'] ?? 'read').toLowerCase() === 'write';
  return [OK, ...group.children.flatMap((element) => [OK, runCommand(context, commands, element, mayWrite, fault)]), OK];
}

function runCommand(context: RibclContext, commands: Commands, element: RequestElement, mayWrite: boolean, fault: Fault | undefined): RibclDocument {
  const command = commands[element.name];
  if (command === undefined) return syntaxError(element.line, element.name);
  if (command.writes === true && !mayWrite) {
    return { status: 0x0024, message: 'The information is open for read-only access. Write access is required for this operation.' };
  }
  if (command.writes !== true && fault?.kind === 'command failure') return documentOf(refuse('failed'));
  return command.run(context, element);
}
