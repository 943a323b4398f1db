import type { OpenDatabase } from '@darkroom/db/open';

export interface Line {
  operation: string;
  /** What was returned or thrown, with ids by the order they came up in, and without what only a clock decides. */
  outcome: unknown;
}

/** The same database; what is asked of it and what comes of it is written down. */
export function recordTranscript(db: OpenDatabase): { db: OpenDatabase; lines: Line[] } {
  const lines: Line[] = [];
  const settled = createSettler();
  const written = Object.fromEntries(
    Object.entries(db).map(([operation, run]: [string, (...args: any[]) => Promise<unknown>]) => [
      operation,
      async (...args: unknown[]) => {
        try {
          const result = await run(...args);
          lines.push({ operation, outcome: settled(result) });
          return result;
        } catch (error) {
          const { name, code, message, detail } = error as Error & { code?: string; detail?: unknown };
          lines.push({
            operation,
            outcome: { threw: name, code, message: settled(message), detail: settled(detail) },
          });
          throw error;
        }
      },
    ]),
  ) as unknown as OpenDatabase;
  return { db: written, lines };
}

const uuid = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;
/** The digits change; how a time is written does not. Trailing zeros of a second are not written. */
const moment = /\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{1,6}(?=\+00:00)/g;
const byTheClock = /(_ms|_us|_s|Ms)$|^priority$/;

function createSettler(): (value: unknown) => unknown {
  const ids = new Map<string, string>();
  const idOf = (id: string) => {
    if (!ids.has(id)) ids.set(id, `<id ${ids.size + 1}>`);
    return ids.get(id)!;
  };
  return function settle(value: unknown, key = ''): unknown {
    if (typeof value === 'string') {
      if (key === 'next_cursor') return '<cursor>';
      return value.replace(uuid, idOf).replace(moment, '<moment>');
    }
    if (typeof value === 'number') return byTheClock.test(key) ? '<number>' : value;
    if (Array.isArray(value)) {
      return byTheClock.test(key) || key === 'marks'
        ? `<${value.length} of them>`
        : value.map((one) => settle(one));
    }
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([name, inner]) => [name.replace(uuid, idOf), settle(inner, name)]),
    );
  } as (value: unknown) => unknown;
}
