import type { ImageFile } from '../boot/image-folders.js';

/** Who asks for a medium. */
export interface MediaRequester {
  /** `req-<uuid>`. */
  readonly requestId: string;
  /** Network address that the request came from. */
  readonly address: string;
}

/** What controllers load. They have no account: who knows the address of a medium may have it. */
export interface MediaService {
  /**
   * The file at an address; undefined when there is none.
   * @param noted whether the node's history tells of it
   */
  find(place: { readonly nodeUuid: string; readonly key: string; readonly name: string }, requester: MediaRequester, options: { readonly noted: boolean }): Promise<ImageFile | undefined>;
}
