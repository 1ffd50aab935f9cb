import type { ImageFile } from './image-folders.js';

/** Who asks for something to boot. */
export interface BootRequester {
  /** `req-<uuid>`. */
  readonly requestId: string;
  /** Network address that the request came from. */
  readonly address: string;
}

/** A machine that asks for its script. */
export interface ScriptRequest {
  /** The query as it came; a parameter that came several times is a list. */
  readonly query: Readonly<Record<string, unknown>>;
  /** Hardware type that the address names; the node must be of it. Default: any. */
  readonly driver?: string | undefined;
  /** Address under which the machine reached the conductor: `http://192.0.2.1:6385`. */
  readonly base: string;
  readonly requester: BootRequester;
}

/** Where a machine finds one of its boot files. */
export type BootFile = { readonly kind: 'elsewhere'; readonly url: string } | { readonly kind: 'here'; readonly file: ImageFile };

/** What machines load to boot. They have no account: whoever reaches the port may ask. */
export interface BootService {
  /** The script of a machine. Never rejects: what goes wrong ends in the error script, which is the same for every reason. */
  script(request: ScriptRequest): Promise<string>;
  /** The script that makes a machine ask for its own by each of its network cards. Throws nothing, as {@link BootService.script}. */
  entry(request: Pick<ScriptRequest, 'driver' | 'base' | 'requester'>): string;
  /** Whether machines with this boot interface boot by scripts; it may be a name that a hardware type has for one. */
  boots(bootInterface: string): boolean;
  /** The error script, with the reason in the log. */
  refuse(reason: string, requester: BootRequester): string;
  /** What is wrong with the parameters of a request; undefined when nothing is. */
  problemOf(query: ScriptRequest['query']): string | undefined;
  /**
   * A file that the present script of a node names; undefined for everything else.
   * @param noted whether the node's history tells of it
   */
  file(nodeUuid: string, role: string, requester: BootRequester, options: { readonly noted: boolean }): Promise<BootFile | undefined>;
  /** A file below one of the served folders; undefined when there is none. */
  image(folder: string, path: string): Promise<ImageFile | undefined>;
}
