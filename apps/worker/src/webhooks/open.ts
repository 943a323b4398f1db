import type { Log } from '@darkroom/core/runtime/log/log';
import type { Database } from '@darkroom/db/database';
import type { Reachability } from '../log/reachability.ts';
import { createDeliver } from './deliver.ts';
import { createSign } from './message.ts';
import { createResolve, resolveLocally } from './resolve.ts';
import { createSend } from './send.ts';
import { createNotifier, type Notifier } from './sender.ts';

export interface NotifySettings {
  /** whsec_…: every webhook is signed with it. */
  signingSecret: string;
  /** For development: they may go over http and to private networks. */
  allowPrivate: boolean;
}

/** The notifier with the parts that it usually has. */
export function openNotifier(deps: {
  db: Pick<Database, 'claimWebhooks' | 'settleWebhook'>;
  settings: NotifySettings;
  database: Reachability;
  log: Log;
  random: () => number;
}): Notifier {
  const { db, settings, log, random } = deps;
  const { signingSecret: secret, allowPrivate } = settings;
  return createNotifier({
    ...deps,
    deliver: createDeliver({
      db,
      sign: createSign({ secret, now: () => new Date() }),
      send: createSend({ resolve: allowPrivate ? resolveLocally : createResolve(), reach: { allowPrivate } }),
      log,
      random,
    }),
  });
}
