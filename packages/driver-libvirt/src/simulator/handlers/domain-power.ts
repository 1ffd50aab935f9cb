import type { Call, Procedure, ProcedureTable } from '../daemon/procedure.js';
import type { Guest } from '../domain/guest.js';
import { requireRunning } from '../domain/scopes.js';
import { STATE } from '../domain/states.js';
import { ERROR, ERROR_DOMAIN, RemoteError } from '../wire/remote-error.js';
import { readDomain, writeDomain } from '../wire/structs.js';
import { checkFlags } from './flags.js';

/** Source: libvirt 9.0.0, include/libvirt/libvirt-domain.h, virDomainCreateFlags, virDomainDestroyFlagsValues, virDomainShutdownFlagValues. */
const CREATE = { paused: 1, autoDestroy: 2, known: 1 | 2 | 4 | 8 | 32 } as const;
const DESTROY_GRACEFUL = 1;
const BY = { acpi: 1, agent: 2 } as const;
/** REMOTE_DOMAIN_SEND_KEY_MAX. */
const MOST_KEYS_AT_ONCE = 16;

const invalid = (text: string): RemoteError => new RemoteError(ERROR.operationInvalid, ERROR_DOMAIN.qemu, text);

/** Flags that a procedure takes, and what libvirt calls the function that looks at them. */
interface KnownFlags {
  readonly flags: number;
  readonly in: string;
}

/** A procedure that takes a domain, flags where `known` is given, and answers with nothing. */
function change(name: string, act: (guest: Guest, flags: number, call: Call) => void, known?: KnownFlags): Procedure {
  return {
    name,
    changes: 'machine',
    answer(call) {
      const domain = readDomain(call.args);
      const flags = known === undefined ? 0 : call.args.unsigned();
      if (known !== undefined) checkFlags(flags, known.flags, known.in);
      act(call.host.domains.byReference(domain), flags, call);
    },
  };
}

function start(guest: Guest, flags: number, { session }: Call): void {
  if (guest.isActive) throw invalid('domain is already running');
  guest.start({ paused: (flags & CREATE.paused) !== 0 });
  if ((flags & CREATE.autoDestroy) !== 0) session.destroyAtEnd(guest);
}

function destroy(guest: Guest): void {
  requireRunning(guest);
  guest.destroy();
}

function pressPowerButton(wanted: 'off' | 'reboot'): (guest: Guest, flags: number) => void {
  return (guest, flags) => {
    requireRunning(guest, wanted === 'off' ? ERROR_DOMAIN.qemu : ERROR_DOMAIN.domain);
    if ((flags & BY.agent) !== 0) throw new RemoteError(ERROR.argumentUnsupported, ERROR_DOMAIN.qemu, 'QEMU guest agent is not configured');
    // A paused machine cannot hear that it shall go off; that it shall reboot, libvirt lets it hear later.
    if (wanted === 'off' && guest.state !== STATE.running) throw invalid('domain is not running');
    guest.pressPowerButton(wanted);
  };
}

function reset(guest: Guest): void {
  requireRunning(guest);
  guest.received.resets += 1;
  guest.reboot();
}

function suspend(guest: Guest): void {
  requireRunning(guest);
  if (guest.state === STATE.suspendedByGuest) throw invalid('domain is pmsuspended');
  guest.pause();
}

function resume(guest: Guest): void {
  requireRunning(guest);
  if (guest.state === STATE.running) throw invalid('domain is already running');
  if (guest.state === STATE.suspendedByGuest) throw invalid('domain is pmsuspended');
  guest.resume();
}

function wake(guest: Guest): void {
  requireRunning(guest, ERROR_DOMAIN.qemu);
  const text = "unable to execute QEMU command 'system_wakeup': Unable to wake up: guest is not in suspended state";
  if (guest.state !== STATE.suspendedByGuest) throw new RemoteError(ERROR.internal, ERROR_DOMAIN.qemu, text);
  guest.wake();
}

function injectNmi(guest: Guest): void {
  requireRunning(guest);
  guest.received.nonMaskableInterrupts += 1;
}

const acpiFlags = (driverFunction: string): KnownFlags => ({ flags: BY.acpi | BY.agent, in: driverFunction });

export const domainPowerProcedures: ProcedureTable = {
  9: change('virDomainCreate', start),
  12: change('virDomainDestroy', destroy),
  27: change('virDomainReboot', pressPowerButton('reboot'), acpiFlags('qemuDomainReboot')),
  28: change('virDomainResume', resume),
  33: change('virDomainShutdown', pressPowerButton('off')),
  34: change('virDomainSuspend', suspend),
  196: {
    name: 'virDomainCreateWithFlags',
    changes: 'machine',
    answer(call) {
      const { host, args, reply } = call;
      const domain = readDomain(args);
      const flags = args.unsigned();
      checkFlags(flags, CREATE.known, 'qemuDomainCreateWithFlags');
      const guest = host.domains.byReference(domain);
      start(guest, flags, call);
      writeDomain(reply, guest.reference);
    },
    pretend: ({ host, args, reply }) => writeDomain(reply, host.domains.byReference(readDomain(args)).reference),
  },
  210: change('virDomainInjectNMI', injectNmi, { flags: 0, in: 'qemuDomainInjectNMI' }),
  226: {
    name: 'virDomainSendKey',
    changes: 'machine',
    answer({ host, args }) {
      const domain = readDomain(args);
      args.unsigned();
      args.unsigned();
      const keys = args.list(MOST_KEYS_AT_ONCE, () => args.unsigned());
      args.unsigned();
      const guest = host.domains.byReference(domain);
      requireRunning(guest);
      guest.pressKeys(keys);
    },
  },
  234: change('virDomainDestroyFlags', destroy, { flags: DESTROY_GRACEFUL, in: 'qemuDomainDestroyFlags' }),
  245: change('virDomainReset', reset, { flags: 0, in: 'qemuDomainReset' }),
  258: change('virDomainShutdownFlags', pressPowerButton('off'), acpiFlags('qemuDomainShutdownFlags')),
  267: change('virDomainPMWakeup', wake, { flags: 0, in: 'qemuDomainPMWakeup' }),
};
