import type { CallOptions, JsonValue, Sealed } from '@ferric/core';

/**
 * Where a command stands. `VERSION_MISMATCH` also stands for `CLEAN_VERSION_MISMATCH`, which agents say of all their steps.
 * Source: ironic-python-agent, ironic_python_agent/extensions/base.py (AgentCommandStatus).
 */
export const COMMAND_STATUSES = ['RUNNING', 'SUCCEEDED', 'FAILED', 'VERSION_MISMATCH'] as const;
export type CommandStatus = (typeof COMMAND_STATUSES)[number];

/** A command as the agent tells of it. */
export interface AgentCommand {
  readonly id: string;
  /** Without the name of its extension: `prepare_image`. */
  readonly name: string;
  readonly status: CommandStatus;
  /** What a person should read when it did not succeed: the agent's details, or else its message. Secrets are masked. */
  readonly error: { readonly type: string; readonly code: number | null; readonly message: string } | null;
  /** What it yielded. A step that it repeats has its secret arguments masked. */
  readonly result: JsonValue;
}

/**
 * What a command is sent with: secrets are {@link Secret} and come into the clear only where the body is written. A name that the command
 * does not know spoils the agent until its next boot: use the functions of `commands.ts`, which send exactly what it knows.
 */
export type CommandParameters = { readonly [name: string]: Sealed };

/** The agent on one machine, for as long as it runs. Disposing ends running calls with ABORTED and closes all connections. */
export interface Agent extends AsyncDisposable {
  /** Its address, as its heartbeat gave it. */
  readonly url: string;
  /**
   * Sends a command. `wait`: answers when the command has ended, for commands that end soon; else an asynchronous one answers RUNNING.
   * When the answer is lost, the agent's own list tells whether the command arrived; it is sent again only when it did not.
   * @throws BUSY when another command runs, REFUSED when the agent declines it, AUTH_FAILED for a wrong token, PROTOCOL_FAULT for what is no
   * answer of an agent, UNREACHABLE, TIMEOUT, TLS_UNTRUSTED, ABORTED. A command that ran and failed is an answer, not an error.
   */
  execute(command: AgentCommandName, parameters: CommandParameters, options: CallOptions & { readonly wait: boolean }): Promise<AgentCommand>;
  /** All commands since its start, oldest first. Throws as {@link Agent.execute}, but never BUSY. */
  commands(options?: CallOptions): Promise<readonly AgentCommand[]>;
}

/** Every command that is sent. Source: ironic-python-agent, ironic_python_agent/extensions. */
export type AgentCommandName =
  | 'clean.get_clean_steps' | 'clean.execute_clean_step'
  | 'deploy.get_deploy_steps' | 'deploy.execute_deploy_step'
  | 'service.get_service_steps' | 'service.execute_service_step'
  | 'standby.prepare_image' | 'standby.get_partition_uuids' | 'standby.sync' | 'standby.power_off' | 'standby.run_image'
  | 'standby.execute_bootc_install'
  | 'image.install_bootloader' | 'rescue.finalize_rescue' | 'system.lockdown' | 'log.collect_system_logs'
  | 'poll.get_hardware_info' | 'poll.set_node_info';
