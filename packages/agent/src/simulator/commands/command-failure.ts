import type { JsonObject } from '@ferric/core';

/** Status codes and headlines of the failures that an agent tells of. Source: ironic-python-agent, ironic_python_agent/errors.py. */
const FAILURES = {
  CommandExecutionError: [500, 'Command execution failed'],
  AgentIsBusy: [409, 'Agent is busy'],
  InvalidContentError: [400, 'Invalid request body'],
  InvalidCommandError: [400, 'Invalid command'],
  InvalidCommandParamsError: [400, 'Invalid command parameters'],
  RequestedObjectNotFoundError: [404, 'Not found'],
  DeviceNotFound: [404, 'Error finding the disk or partition device to deploy the image onto'],
  ImageDownloadError: [500, 'Error downloading image'],
  ImageChecksumError: [500, 'Error verifying image checksum'],
  ImageWriteError: [500, 'Error writing image to device'],
  InvalidImage: [500, 'The provided image is not valid for use'],
  BlockDeviceEraseError: [500, 'Error erasing block device'],
  HardwareManagerMethodNotFound: [500, 'No HardwareManager found to handle method'],
  LookupNodeError: [500, 'Error getting configuration from Ironic'],
  VersionMismatch: [409, 'Hardware managers version mismatch, reload agent with correct version'],
  CleaningError: [500, 'Clean step failed'],
  DeploymentError: [500, 'Deploy step failed'],
  ServicingError: [500, 'Service step failed'],
} as const satisfies Readonly<Record<string, readonly [number, string]>>;
export type CommandFailureType = keyof typeof FAILURES;

/** A failure with which a command answers. Anything else that is thrown counts as a defect of the agent, as in the real one. */
export class CommandFailure extends Error {
  readonly type: CommandFailureType;
  readonly details: string;

  constructor(type: CommandFailureType, details: string, options?: ErrorOptions) {
    super(`${FAILURES[type][1]}: ${details}`, options);
    this.name = 'CommandFailure';
    this.type = type;
    this.details = details;
  }

  get status(): number {
    return FAILURES[this.type][0];
  }

  /** As it stands in `command_error`. */
  get report(): JsonObject {
    return { type: this.type, code: this.status, message: FAILURES[this.type][1], details: this.details };
  }
}

/** A mistake in calling a function, as Python reports it: an unknown parameter, or one that is missing. */
export class CallMistake extends Error {
  override readonly name = 'TypeError';
}
