import type { InputRule, ValueKind } from './input.js';

/** Set by creations and patches; `empty` is what null, or removing it, makes of it. */
export const settable = (kind: ValueKind, empty: InputRule['empty'] = null): InputRule => ({ kind, empty, create: true, patch: true });

/** Set by patches only. */
export const patchable = (kind: ValueKind, empty: InputRule['empty'] = null): InputRule => ({ kind, empty, create: false, patch: true });

/** Set by creations only. */
export const createOnly = (kind: ValueKind, empty: InputRule['empty'] = null): InputRule => ({ kind, empty, create: true, patch: false });

/** Must be given by creations, cannot be removed by patches. */
export const required = (kind: ValueKind): InputRule => ({ ...settable(kind), required: true });
