import type { RequestElement } from './wire/encode-request.js';
import type { RibclElement } from './wire/element.js';

/** The element under LOGIN in which a command stands. */
export type RibclGroup = 'SERVER_INFO' | 'RIB_INFO' | 'USER_INFO' | 'DIR_INFO' | 'RACK_INFO' | 'BLADESYSTEM_INFO' | 'SSO_INFO';

/** What the controller answered to one command. */
export interface RibclAnswer {
  /** Undefined when the command names no {@link RibclCommand.answers}. */
  readonly payload: RibclElement | undefined;
  /** What the controller said besides, such as `Host power is already ON.`. */
  readonly information: readonly string[];
}

/**
 * One command of the Remote Insight Board Command Language: how it is written, and how its answer is read. Both are pure.
 * A command of your own is a value of this type.
 */
export interface RibclCommand<Result> {
  readonly group: RibclGroup;
  /** `write` for what changes something: it is never sent twice, and never together with others. */
  readonly mode: 'read' | 'write';
  readonly request: RequestElement;
  /** Elements that stand before it in its group. */
  readonly before?: readonly RequestElement[];
  /** Names of the elements that it may answer with; an empty list when it is only acknowledged. */
  readonly answers: readonly string[];
  /** True when it names a user, so that an unknown one is not its own login. */
  readonly namesUser?: boolean;
  /** Time for one such command, when it needs more than others. Milliseconds. */
  readonly timeoutMs?: number;
  /** @throws PROTOCOL_FAULT when the answer is not as the command's answers are. */
  decode(answer: RibclAnswer): Result;
}

/** What a command that is only acknowledged yields. */
export interface RibclAcknowledgement {
  /** What the controller said about it, such as `Server being reset.`; most often nothing. */
  readonly information: readonly string[];
}

interface CommandParts extends Pick<RibclCommand<unknown>, 'timeoutMs' | 'namesUser' | 'before'>, Omit<RequestElement, 'name'> {
  readonly group: RibclGroup;
}

/** A command that reads: `decode` gets the element that it answers with. */
export function readCommand<Result>(
  name: string,
  parts: CommandParts & { readonly answers?: readonly string[] },
  decode: (payload: RibclElement) => Result,
): RibclCommand<Result> {
  const { group, attributes, children, answers = [name], ...rest } = parts;
  return {
    ...rest,
    group,
    mode: 'read',
    request: toElement(name, attributes, children),
    answers,
    decode: ({ payload }) => decode(payload ?? { name, attributes: new Map(), children: [], text: '' }),
  };
}

/** A command that changes something and is only acknowledged. */
export function writeCommand(name: string, parts: CommandParts): RibclCommand<RibclAcknowledgement> {
  const { group, attributes, children, ...rest } = parts;
  return {
    ...rest,
    group,
    mode: 'write',
    request: toElement(name, attributes, children),
    answers: [],
    decode: ({ information }) => ({ information }),
  };
}

function toElement(name: string, attributes: RequestElement['attributes'], children: RequestElement['children']): RequestElement {
  return { name, ...(attributes === undefined ? {} : { attributes }), ...(children === undefined ? {} : { children }) };
}
