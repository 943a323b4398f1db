import type { Log } from '@darkroom/core/runtime/log/log';
import type { Database } from '@darkroom/db/database';
import type { Dependency } from '../health/dependency.ts';
import { createDeliverWebhook } from './deliver.ts';
import { createResolve, resolveLocally } from './resolve.ts';
import { createSend } from './send.ts';
import { createWebhookSender, type WebhookSender } from './sender.ts';
import { createSign } from './sign.ts';

export interface WebhookSettings {
  /** `whsec_…`; signs every webhook. */
  signingSecret: string;
  /** For development: allows http and private networks. */
  allowPrivate: boolean;
}

/** The webhook sender with its parts for production. */
export function composeWebhookSender(deps: {
  db: Pick<Database, 'claimWebhooks' | 'settleWebhook'>;
  settings: WebhookSettings;
  database: Dependency;
  log: Log;
  random: () => number;
}): WebhookSender {
  const { db, settings, log, random } = deps;
  const { signingSecret: secret, allowPrivate } = settings;
  return createWebhookSender({
    ...deps,
    deliver: createDeliverWebhook({
      db,
      sign: createSign({ secret, now: () => new Date() }),
      send: createSend({ resolve: allowPrivate ? resolveLocally : createResolve(), reach: { allowPrivate } }),
      log,
      random,
    }),
  });
}
