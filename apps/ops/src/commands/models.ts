import { hasBeenAnswering } from '@darkroom/core/models/answering';
import { abilitiesOf } from '@darkroom/core/models/catalog';
import type { Command } from '../cli/command.ts';
import { table } from '../display/table.ts';
import { type BreakerState, readBreakers } from '../models/shared-breakers.ts';

interface ModelRow {
  id: string;
  place: number;
  available: boolean;
  /** Null while the queue's server is unavailable. */
  breaker: BreakerState | null;
  latest: readonly string[];
  recent_median_seconds: number | null;
  sizes: readonly string[];
}

export const models: Command = {
  name: 'models',
  summary:
    'the fallback chain: whether each model answers, its breaker, time per image; exits 1 if none answers',
  async run(_input, tools) {
    const { gemini } = tools.config();
    const [health, breakers] = await Promise.all([
      tools.database().getModelHealth(),
      readBreakers({
        models: gemini.models,
        queueUrl: tools.queueUrl(),
        apiKey: gemini.apiKey,
        log: tools.log,
        now: tools.now,
      }),
    ]);
    const rows = gemini.models.map((id, at): ModelRow => {
      const { latest = [], median_ms = null } = health[id] ?? {};
      const breaker = breakers?.[id] ?? null;
      return {
        id,
        place: at + 1,
        available: hasBeenAnswering(latest) && breaker?.state !== 'open',
        breaker,
        latest,
        recent_median_seconds: median_ms === null ? null : Math.round(median_ms / 100) / 10,
        sizes: abilitiesOf(id).imageSizes,
      };
    });
    const none = rows.every(({ available }) => !available);
    return { data: { data: rows }, text: modelTable(rows), code: none ? 1 : 0 };
  },
};

function modelTable(rows: readonly ModelRow[]): string {
  return table(
    ['#', 'model', 'answers', 'breaker', 'latest calls', 'median', 'sizes'],
    rows.map(({ id, place, available, breaker, latest, recent_median_seconds: seconds, sizes }) => [
      place,
      id,
      available ? 'yes' : 'NO',
      breaker && (breaker.until ? `${breaker.state} until ${breaker.until}` : breaker.state),
      latest.join(' ') || 'none recently',
      seconds === null ? null : `${seconds} s`,
      sizes.join(' '),
    ]),
  );
}
