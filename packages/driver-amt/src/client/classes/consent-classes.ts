import { defineClass, required } from './class-table.js';
import { boolean, integer, named, text } from './value-readers.js';

// Source: Intel AMT Implementation and Reference Guide, class reference of IPS_OptInService.

/** IPS_OptInService.OptInRequired. */
export const CONSENT_REQUIREMENTS = { 0: 'none', 1: 'kvm', 4294967295: 'all' } as const;

/** IPS_OptInService.OptInState. */
export const CONSENT_STATES = { 0: 'not started', 1: 'requested', 2: 'displayed', 3: 'received', 4: 'in session' } as const;

/** Timeouts in seconds. */
export const IPS_OptInService = defineClass('IPS_OptInService', {
  CanModifyOptInPolicy: boolean,
  CreationClassName: text,
  ElementName: text,
  Name: text,
  OptInCodeTimeout: integer,
  OptInDisplayTimeout: integer,
  OptInRequired: required(named(CONSENT_REQUIREMENTS)),
  OptInState: required(named(CONSENT_STATES)),
  SystemCreationClassName: text,
  SystemName: text,
});
