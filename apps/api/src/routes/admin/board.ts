import { createBullBoard } from '@bull-board/api';
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import { HonoAdapter } from '@bull-board/hono';
import type { DashboardQueue } from '@darkroom/core/queue/dashboard';
import { serveStatic } from '@hono/node-server/serve-static';
import { type Handler, Hono } from 'hono';

export interface Board {
  handle: Handler;
  /** Idempotent. */
  close(): Promise<void>;
}

/** Without a trailing slash: bull-board serves nothing with one. */
export const boardPath = '/admin/queues';

/**
 * bull-board for BullMQ's queue. Connects on the first visit, and again after a failure. Its buttons change deliveries only,
 * never jobs: a repeated delivery finds the row as it is, and the sweep replaces a removed one.
 */
export function createBoard(deps: {
  /** @throws QueueUnavailable */
  open: () => Promise<DashboardQueue>;
  actions: boolean;
}): Board {
  let opened: Promise<{ app: Hono; close: () => Promise<void> }> | undefined;
  let closed = false;

  async function open() {
    const { queue, close } = await deps.open();
    return { app: appOf(queue, deps.actions), close };
  }

  return {
    async handle(c) {
      if (!closed) {
        opened ??= open().catch((error: unknown) => {
          opened = undefined;
          throw error;
        });
      }
      if (!opened) return c.notFound();
      const { app } = await opened;
      const response = await app.fetch(c.req.raw, c.env);
      return response.headers.get('Content-Type')?.startsWith('text/html')
        ? withoutFonts(response)
        : response;
    },
    async close() {
      closed = true;
      const last = opened;
      opened = undefined;
      await last?.then(({ close }) => close()).catch(() => undefined);
    },
  };
}

function appOf(queue: DashboardQueue['queue'], actions: boolean): Hono {
  const serverAdapter = new HonoAdapter(serveStatic);
  createBullBoard({
    queues: [new BullMQAdapter(queue, { readOnlyMode: !actions, allowRetries: actions })],
    serverAdapter,
    options: {
      uiConfig: {
        boardTitle: 'Darkroom queues',
        miscLinks: [{ text: 'Sign out', url: '/admin/sign-in' }],
      },
    },
  });
  serverAdapter.setBasePath(boardPath);
  return new Hono().route(boardPath, serverAdapter.registerPlugin() as unknown as Hono);
}

/** Removes links to third-party fonts: the content security policy blocks them, and they reveal operators to a third party. */
async function withoutFonts(response: Response): Promise<Response> {
  const page = await response.text();
  const own = page.replaceAll(/<link[^>]*href="https:\/\/fonts\.[^>]*>/g, '');
  return new Response(own, {
    status: response.status,
    headers: { 'Content-Type': 'text/html; charset=utf-8' },
  });
}
