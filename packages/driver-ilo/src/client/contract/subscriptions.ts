import type { CallOptions, JsonObject } from '@ferric/core';
import type { SubscriptionRequest } from '@ferric/redfish';

export interface IloSubscription {
  /** As the controller names it: `1`. */
  readonly id: string;
  readonly destination: string;
  /** Comes with each event. */
  readonly context: string;
  readonly protocol: string | null;
  readonly eventTypes: readonly string[];
}

export type IloSubscriptionRequest = SubscriptionRequest;

/**
 * Who is told of events, with POST over HTTPS. From iLO 5 on. A destination with http is passed on too, and others on the network can read its events then:
 * the vendor passthru method of the driver accepts it with a warning in the log.
 */
export interface IloSubscriptions {
  list(options?: CallOptions): Promise<readonly IloSubscription[]>;
  /** The list in the controller's own words: Redfish's collection of links. */
  readCollection(options?: CallOptions): Promise<JsonObject>;
  /** @throws NOT_FOUND when there is none of this name, as {@link remove} */
  read(id: string, options?: CallOptions): Promise<IloSubscription>;
  /**
   * When the answer gets lost, the new one is looked for among all.
   * @throws INVALID_OPTIONS for a kind of event that the controller does not know; BUSY when there is no room for another one
   */
  create(request: IloSubscriptionRequest, options?: CallOptions): Promise<IloSubscription>;
  /** @throws NOT_FOUND when there is none of this name; REFUSED when the user may not */
  remove(id: string, options?: CallOptions): Promise<void>;
  /** Sends an event of the kind `Alert` to all who subscribed to that, so that they can be tried. @throws UNSUPPORTED when the controller sends no test events */
  test(message: string, options?: CallOptions): Promise<void>;
}
