import { accept, CODE, type ControllerReply, decline, type VirtualControllers } from '../controller.js';
import { byteAt } from '../wire/bytes.js';
import { type IncomingMessage, readMessage, writeAnswer } from '../wire/message.js';
import type { CommandDefinition } from './handlers.js';

const NETFN = 0x06;
const SEND_MESSAGE = 0x34;
/** Nobody took the message off the bus. Source: IPMI 1.5, table 18-9. */
const NOT_ACKNOWLEDGED = 0x83;

/** What comes of a Send Message. */
interface Bridged {
  /** The answer to Send Message itself, empty but for its completion code. */
  readonly reply: ControllerReply;
  /** The answer of the controller behind, as it stands on its bus; undefined when there is none. */
  readonly answer: Buffer | undefined;
}

function refuse(completionCode: number): Bridged {
  return { reply: decline(completionCode), answer: undefined };
}

/** Passes a message to a controller behind. Source: IPMI 1.5, section 18.7. */
function sendMessage(controllers: VirtualControllers, data: Uint8Array): Bridged {
  const channel = byteAt(data, 0) & 0x0f;
  const inner = readMessage(data.subarray(1));
  if (inner === undefined) return refuse(CODE.invalidField);
  const onChannel = Object.values(controllers).some((controller) => controller.channel === channel);
  const controller = controllers[inner.responderAddress];
  // The primary bus is always there, with nobody on it.
  if (!onChannel && channel !== 0) return refuse(CODE.invalidField);
  if (controller?.channel !== channel) return refuse(NOT_ACKNOWLEDGED);
  const reply = isSendMessage(inner) && controller.controllers !== undefined ? passOn(controller.controllers, inner) : controller.handle(inner);
  if (reply === undefined) return refuse(CODE.timeout);
  return { reply: accept(), answer: writeAnswer(inner, reply) };
}

function isSendMessage({ netFn, command }: IncomingMessage): boolean {
  return netFn === NETFN && command === SEND_MESSAGE;
}

/** A controller with a bus of its own puts the answer into its own. */
function passOn(controllers: VirtualControllers, { data }: IncomingMessage): ControllerReply {
  return embed(sendMessage(controllers, data));
}

function embed({ reply, answer }: Bridged): ControllerReply {
  return answer === undefined ? reply : accept(...answer);
}

export const BRIDGE_COMMANDS: readonly CommandDefinition[] = [
  {
    netFn: NETFN,
    command: SEND_MESSAGE,
    privilege: 'user',
    least: 8,
    handle({ data }, { bmc, session }) {
      const bridged = sendMessage(bmc.settings.controllers, data);
      if (bmc.settings.bridgedAnswers === 'inside' || session === undefined || bridged.answer === undefined) return embed(bridged);
      return { ...bridged.reply, followUp: bridged.answer };
    },
  },
];
