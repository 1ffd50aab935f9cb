export { createSubscription, decodeSubscription, findSubscription, readEventService, readSubscriptions, removeSubscription, submitTestEvent } from './subscriptions.js';
export type { EventService, EventSubscription, SubscriptionRequest, TestEvent } from './subscriptions.js';
