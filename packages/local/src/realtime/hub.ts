import type { Broadcast } from './frame.ts';
import type { Subscriber, Subscription } from './subscription.ts';

/** A joined channel. */
export interface Listener extends Subscriber {
  /** Without `realtime:`. */
  readonly name: string;
  /** A private and a public topic of the same name are two topics. */
  readonly isPrivate: boolean;
  hear(broadcast: Broadcast): void;
  /** Called when changes flow again; some may have been lost before. */
  resume(): void;
}

/** The joined channels and their subscriptions. */
export interface Hub {
  add(listener: Listener): void;
  /** Replaces the subscriptions of this listener. */
  subscribe(listener: Listener, subscriptions: Subscription[]): void;
  remove(listener: Listener): void;
  listeners(): Iterable<Listener>;
  onTopic(name: string, isPrivate: boolean): Iterable<Listener>;
  subscribersOf(schema: string, table: string): Iterable<[Listener, Subscription]>;
}

export function createHub(): Hub {
  const here = new Map<Listener, Subscription[]>();
  const topics = new Map<string, Set<Listener>>();
  const tables = new Map<string, Map<Listener, Subscription[]>>();
  const topicOf = ({ name, isPrivate }: Pick<Listener, 'name' | 'isPrivate'>) => `${isPrivate}:${name}`;
  const tableOf = (schema: string, table: string | undefined) => JSON.stringify([schema, table ?? null]);

  function unsubscribe(listener: Listener): void {
    for (const { schema, table } of here.get(listener) ?? []) {
      const key = tableOf(schema, table);
      tables.get(key)?.delete(listener);
      if (tables.get(key)?.size === 0) tables.delete(key);
    }
  }

  return {
    add(listener) {
      here.set(listener, []);
      const topic = topicOf(listener);
      topics.set(topic, (topics.get(topic) ?? new Set()).add(listener));
    },
    subscribe(listener, subscriptions) {
      if (!here.has(listener)) return;
      unsubscribe(listener);
      here.set(listener, subscriptions);
      for (const subscription of subscriptions) {
        const key = tableOf(subscription.schema, subscription.table);
        const listeners = tables.get(key) ?? new Map<Listener, Subscription[]>();
        tables.set(key, listeners.set(listener, [...(listeners.get(listener) ?? []), subscription]));
      }
    },
    remove(listener) {
      unsubscribe(listener);
      here.delete(listener);
      const topic = topicOf(listener);
      topics.get(topic)?.delete(listener);
      if (topics.get(topic)?.size === 0) topics.delete(topic);
    },
    listeners: () => here.keys(),
    onTopic: (name, isPrivate) => topics.get(topicOf({ name, isPrivate })) ?? [],
    *subscribersOf(schema, table) {
      for (const key of [tableOf(schema, table), tableOf(schema, undefined)]) {
        for (const [listener, subscriptions] of tables.get(key) ?? []) {
          for (const subscription of subscriptions) yield [listener, subscription];
        }
      }
    },
  };
}
