import type { JsonValue } from '../json.js';

const marker: symbol = Symbol.for('ferric.secret');
const inspectMethod: symbol = Symbol.for('nodejs.util.inspect.custom');
const values = new WeakMap<object, JsonValue>();

/** What a secret looks like wherever it is printed. */
export const SECRET_TEXT = '[secret]';

/**
 * A value that must not be seen: printing, inspecting, serialising and string interpolation all yield `[secret]`.
 * The value lives outside the object, so that no walk over properties finds it.
 */
export class Secret<T extends JsonValue = string> {
  constructor(value: T) {
    values.set(this, value);
    Object.defineProperty(this, marker, { value: true });
    Object.defineProperty(this, inspectMethod, { value: () => SECRET_TEXT });
    Object.freeze(this);
  }

  /** The value itself. The only way to it: search for this name to audit who reads secrets. */
  reveal(): T {
    return values.get(this) as T;
  }

  toString(): string {
    return SECRET_TEXT;
  }

  toJSON(): string {
    return SECRET_TEXT;
  }

  /** True for a Secret of any installed copy of core. */
  static is(value: unknown): value is Secret<JsonValue> {
    return typeof value === 'object' && value !== null && marker in value;
  }

  /** Wraps a plain value; a Secret (of any copy of core) passes through. */
  static from<T extends JsonValue>(value: T | Secret<T>): Secret<T> {
    return Secret.is(value) ? (value as Secret<T>) : new Secret(value);
  }
}
