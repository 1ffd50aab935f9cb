import { ActivityCounts, type BmcActivity } from './activity.js';
import type { BmcState } from './commands/bmc-state.js';
import { carryOut } from './commands/carry-out.js';
import { FruDevices } from './commands/fru-devices.js';
import { LanParameters } from './commands/lan-parameters.js';
import { SensorTable } from './commands/sensor-table.js';
import { SerialParameters } from './commands/sol-parameters.js';
import { type BmcReply, CODE, decline } from './controller.js';
import { Delivery } from './delivery.js';
import { type BmcFault, type BmcFaultSwitchboard, createBmcFaults } from './faults.js';
import { type ControlledMachine, createMachine } from './machine/machine.js';
import { type BmcTime, createBmcTime, EventLog } from './records/event-log.js';
import { UserTable } from './records/users.js';
import { isAuthenticLegacy } from './session/legacy-check.js';
import { LegacyHandshake } from './session/legacy-handshake.js';
import { PlusHandshake } from './session/plus-handshake.js';
import type { Peer, Session } from './session/session.js';
import { SessionTable } from './session/session-table.js';
import type { BmcSettings } from './settings.js';
import { SerialPayload } from './sol/serial-payload.js';
import { createTimers, type Timers } from './timers.js';
import { type IncomingMessage, readMessage, writeAnswer } from './wire/message.js';
import { AUTH_TYPE, type LegacyPacket, PAYLOAD, type PlusPacket, readPacket, writeLegacy, writePlus, writePlusBody, writePong } from './wire/packet.js';

/** Sends a datagram to a console. */
export type SendDatagram = (datagram: Buffer, peer: Peer) => void;

const ACTIVATE_SESSION = { netFn: 0x06, command: 0x3a } as const;
const GUID_LENGTH = 16;

/** How to answer a message that came without a session. */
type Wrap = (message: Buffer) => Buffer;

/** A BMC: takes datagrams, gives datagrams. */
export class Bmc implements BmcState, Disposable {
  readonly settings: BmcSettings;
  readonly port: number;
  readonly timers: Timers;
  readonly machine: ControlledMachine;
  readonly sessions: SessionTable;
  readonly legacy: LegacyHandshake;
  readonly users: UserTable;
  readonly time: BmcTime;
  readonly log: EventLog;
  readonly sensors: SensorTable;
  readonly fru: FruDevices;
  readonly lan: LanParameters;
  readonly serial: SerialPayload;
  readonly serialParameters = new SerialParameters();
  readonly counts = new ActivityCounts();
  readonly faults: BmcFaultSwitchboard = createBmcFaults();
  sdrReservation = 0;
  readonly #plus: PlusHandshake;
  readonly #delivery: Delivery;
  #afterAnswer: (() => void)[] = [];
  #awayUntil = 0;
  /** The last request outside a session, for the fault that loses answers. */
  #lastAsked: string | undefined;

  constructor(settings: BmcSettings, port: number, send: SendDatagram) {
    const { clock, guid, cipherSuites, kgKey } = settings;
    const { counts } = this;
    this.settings = settings;
    this.port = port;
    this.timers = createTimers(clock);
    this.machine = createMachine(settings.machine, this.timers);
    this.sessions = new SessionTable(settings.sessions, clock, (session) => this.#ended(session));
    this.users = new UserTable(settings.users);
    this.time = createBmcTime(clock);
    this.log = new EventLog(settings.log, this.time, clock);
    this.sensors = new SensorTable(settings.sdr, settings.readings);
    this.fru = new FruDevices(settings.fru);
    this.lan = new LanParameters(settings.lan);
    this.serial = new SerialPayload({
      line: settings.serialLine?.() ?? null,
      timers: this.timers,
      retry: () => this.serialParameters.retry,
      send: (session, payload, encrypted) => this.#sendSerial(session, payload, encrypted),
    });
    const { users, sessions } = this;
    this.#plus = new PlusHandshake({ suites: cipherSuites, kgKey, guid: guid ?? new Uint8Array(GUID_LENGTH), users, sessions, counts });
    this.legacy = new LegacyHandshake({
      authTypes: settings.legacyAuthTypes, perMessageAuthentication: settings.perMessageAuthentication, users, sessions, counts,
    });
    this.#delivery = new Delivery({ timers: this.timers, send });
  }

  get activity(): BmcActivity {
    const { changeCommands, authenticationAttempts, packetsReceived, duplicates, sessionsOpened, sessionsClosed, mostConcurrentExchanges, dropped } = this.counts;
    return {
      changeCommands, authenticationAttempts, packetsReceived, duplicates, sessionsOpened, sessionsClosed, mostConcurrentExchanges,
      openSessions: this.sessions.open.length,
      dropped: { ...dropped },
    };
  }

  /** Takes one datagram. */
  receive(datagram: Uint8Array, peer: Peer): void {
    this.counts.packetsReceived += 1;
    if (this.settings.clock.monotonicMs() < this.#awayUntil) return;
    const incoming = readPacket(datagram);
    if (incoming === undefined) this.counts.dropped.malformed += 1;
    else if (incoming.kind === 'ping') this.#answer(writePong(incoming.tag), peer, this.faults.take('handshake'));
    else if (incoming.kind === 'legacy') this.#receiveLegacy(incoming.packet, peer);
    else this.#receivePlus(incoming.packet, peer);
  }

  restart(): void {
    this.#afterAnswer.push(() => {
      this.sessions.endAll();
      this.#awayUntil = this.settings.clock.monotonicMs() + this.settings.restartMs;
    });
  }

  [Symbol.dispose](): void {
    this.serial.end();
    this.timers[Symbol.dispose]();
  }

  #receiveLegacy(packet: LegacyPacket, peer: Peer): void {
    if (packet.sessionId === 0) {
      const wrap: Wrap = (message) => writeLegacy({ authType: AUTH_TYPE.none, sequence: 0, sessionId: 0, authCode: Buffer.alloc(0), message });
      this.#receiveWithoutSession(packet.message, peer, wrap);
      return;
    }
    const message = readMessage(packet.message);
    if (message === undefined) {
      this.counts.dropped.malformed += 1;
      return;
    }
    if (this.legacy.knows(packet.sessionId)) {
      if (message.netFn === ACTIVATE_SESSION.netFn && message.command === ACTIVATE_SESSION.command) this.#activateLegacy(packet, message, peer);
      return;
    }
    const session = this.sessions.find(packet.sessionId);
    const { legacyAuthTypes, perMessageAuthentication } = this.settings;
    if (session === undefined || session.protection.protocol !== '1.5') this.counts.dropped.session += 1;
    else if (!isAuthenticLegacy(session, packet, legacyAuthTypes, perMessageAuthentication)) this.counts.dropped.integrity += 1;
    else if (!session.window.take(packet.sequence)) this.counts.dropped.sequence += 1;
    else this.#receiveMessage(session, message, peer);
  }

  #activateLegacy(packet: LegacyPacket, message: IncomingMessage, peer: Peer): void {
    const fault = this.faults.take('handshake');
    const duplicates = this.counts.duplicates;
    const datagram = this.legacy.activate(packet, message, peer, fault?.kind === 'busy');
    if (datagram !== undefined) this.#answer(datagram, peer, fault, this.counts.duplicates > duplicates);
  }

  #receivePlus(packet: PlusPacket, peer: Peer): void {
    const { payloadType, sessionId } = packet;
    if (sessionId !== 0) this.#receiveInSession(packet, peer);
    else if (packet.encrypted || packet.authenticated) this.counts.dropped.malformed += 1;
    else if (payloadType === PAYLOAD.message) {
      const wrap: Wrap = (payload) => writePlus(writePlusBody({ payloadType, encrypted: false, authenticated: false, sessionId: 0, sequence: 0, payload }));
      this.#receiveWithoutSession(packet.payload, peer, wrap);
    } else this.#shakeHands(packet, peer);
  }

  #shakeHands(packet: PlusPacket, peer: Peer): void {
    const fault = this.faults.take('handshake');
    const duplicates = this.counts.duplicates;
    const datagram = this.#plus.answer(packet, peer, fault?.kind === 'busy');
    if (datagram !== undefined) this.#answer(datagram, peer, fault, this.counts.duplicates > duplicates);
  }

  #receiveInSession(packet: PlusPacket, peer: Peer): void {
    const session = this.sessions.find(packet.sessionId);
    if (session === undefined || session.protection.protocol !== '2.0') {
      this.counts.dropped.session += 1;
      return;
    }
    const payload = session.protection.open(packet);
    if (typeof payload === 'string') this.counts.dropped[payload] += 1;
    // Packets without a check may carry no number. Source: IPMI 2.0, section 6.12.8.
    else if ((session.protection.isChecked || packet.sequence !== 0) && !session.window.take(packet.sequence)) this.counts.dropped.sequence += 1;
    else this.#takePayload(session, packet.payloadType, payload, peer);
  }

  #takePayload(session: Session, payloadType: number, payload: Uint8Array, peer: Peer): void {
    if (payloadType === PAYLOAD.message) {
      const message = readMessage(payload);
      if (message === undefined) this.counts.dropped.malformed += 1;
      else this.#receiveMessage(session, message, peer);
    } else if (payloadType === PAYLOAD.serial && this.serial.session === session) {
      session.peer = peer;
      this.sessions.touch(session);
      this.serial.receive(payload);
    } else this.counts.dropped.malformed += 1;
  }

  #receiveWithoutSession(bytes: Uint8Array, peer: Peer, wrap: Wrap): void {
    const message = readMessage(bytes);
    if (message === undefined) {
      this.counts.dropped.malformed += 1;
      return;
    }
    const asked = [peer.address, peer.port, message.netFn, message.command, Buffer.from(message.data).toString('hex')].join(' ');
    const isRepetition = asked === this.#lastAsked;
    this.#lastAsked = asked;
    const { reply, fault } = carryOut(this, undefined, message);
    if (reply !== undefined) this.#answer(wrap(writeAnswer(message, reply)), peer, fault, isRepetition);
  }

  #receiveMessage(session: Session, message: IncomingMessage, peer: Peer): void {
    session.peer = peer;
    this.sessions.touch(session);
    const { reply, fault, isRepetition } = this.#reply(session, message);
    if (fault?.kind === 'session lost') {
      this.sessions.endAll();
      return;
    }
    // A session that was closed answers still.
    if (reply !== undefined) this.#answerInSession(session, writeAnswer(message, reply), fault, isRepetition);
    if (reply?.followUp !== undefined) this.#answerInSession(session, Buffer.from(reply.followUp), fault, isRepetition);
    const actions = this.#afterAnswer;
    this.#afterAnswer = [];
    for (const action of actions) action();
    this.serial.start();
  }

  #reply(session: Session, message: IncomingMessage): { reply: BmcReply | undefined; fault: BmcFault | undefined; isRepetition: boolean } {
    const nowMs = this.settings.clock.monotonicMs();
    const before = session.answers.recall(message, nowMs);
    if (before !== undefined) {
      this.counts.duplicates += 1;
      const { repeatedRequests } = this.settings;
      if (repeatedRequests !== 'carry out') {
        const reply = repeatedRequests === 'refuse' ? decline(CODE.duplicate) : before.reply;
        return { reply, fault: this.faults.take('session'), isRepetition: true };
      }
    }
    const { reply, fault } = carryOut(this, session, message);
    if (before === undefined && fault?.kind !== 'session lost') session.answers.keep(message, reply, nowMs);
    return { reply, fault, isRepetition: before !== undefined };
  }

  #answerInSession(session: Session, message: Buffer, fault: BmcFault | undefined, isRepetition: boolean): void {
    if (fault?.kind === 'wrong checksum') message.writeUInt8(message.readUInt8(message.length - 1) ^ 0x55, message.length - 1);
    const forged = fault?.kind === 'forged answer' ? session.forge(PAYLOAD.message, message) : undefined;
    this.#deliver({ peer: session.peer, datagram: session.seal(PAYLOAD.message, message), forged, isRepetition }, fault);
  }

  /** An answer that no session protects. */
  #answer(datagram: Buffer, peer: Peer, fault: BmcFault | undefined, isRepetition = false): void {
    this.#deliver({ peer, datagram, forged: forgeOpen(datagram), isRepetition }, fault);
  }

  #deliver(answer: Parameters<Delivery['deliver']>[0], fault: BmcFault | undefined): void {
    this.#delivery.deliver(answer, fault, this.counts.beginExchange());
  }

  #sendSerial(session: Session, payload: Uint8Array, encrypted: boolean): void {
    if (this.sessions.find(session.id) === undefined) return;
    const fault = this.faults.take('serial');
    if (fault?.kind === 'session lost') {
      this.sessions.endAll();
      return;
    }
    const forged = fault?.kind === 'forged answer' ? session.forge(PAYLOAD.serial, payload) : undefined;
    this.#deliver({ peer: session.peer, datagram: session.seal(PAYLOAD.serial, payload, encrypted), forged, isRepetition: false }, fault);
  }

  #ended(session: Session): void {
    if (this.serial.session === session) this.serial.end();
    this.#plus.forget(session.id);
  }
}

/** The first byte behind the header of a packet without protection: tag of a handshake, address of a message. */
const FIRST_BYTE = { legacy: 14, plus: 16 } as const;

/** The same answer to somebody else: another tag, or an address that its checksum does not fit. */
function forgeOpen(datagram: Buffer): Buffer {
  const forged = Buffer.from(datagram);
  const at = datagram[4] === AUTH_TYPE.rmcpPlus ? FIRST_BYTE.plus : FIRST_BYTE.legacy;
  if (at < forged.length) forged.writeUInt8(forged.readUInt8(at) ^ 0x55, at);
  return forged;
}
