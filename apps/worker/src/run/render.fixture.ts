import type { Inspection } from '@darkroom/core/image/inspect';
import { createBreakers } from '@darkroom/core/models/breaker';
import type { ImageModel, ModelAnswer } from '@darkroom/core/models/model';
import { createRecordedLog } from '@darkroom/core/runtime/log/recorded';
import type { Claim, JobRef } from '@darkroom/db/runs/claim';
import { vi } from 'vitest';
import { createActiveRuns } from './active-runs.ts';
import { aClaim } from './claim.fixture.ts';
import { createRender } from './render.ts';

const now = () => performance.now();
export const image = { bytes: Buffer.from('image'), mimeType: 'image/png' };
export const thumbnail = { bytes: Buffer.from('thumbnail'), mimeType: 'image/webp' };
const answered: ModelAnswer = { ok: true, image };
export const keys = {
  image: 'users/user_alice/jobs/11111111-1111-4111-8111-111111111111/1-word.png',
  thumbnail: 'users/user_alice/jobs/11111111-1111-4111-8111-111111111111/1-word-thumb.webp',
};

/** A render whose parts are mocks that succeed, and a run of `claim` to render. */
export function setUpRender({ claim = aClaim() }: { claim?: Claim } = {}) {
  let counted = 0;
  const parts = {
    db: {
      beginModelCall: vi.fn(
        async (): Promise<{ call: number } | 'budget_spent' | 'lost'> => ({ call: ++counted }),
      ),
      reportProgress: vi.fn(async (_reports: readonly { stage: string }[]): Promise<JobRef[]> => []),
    },
    storage: {
      get: vi.fn(async (): Promise<typeof image | 'too_large' | null> => image),
      put: vi.fn(async (key: string) => ({ url: `https://cdn.example/${key}` })),
    },
    inspectInput: vi.fn(
      async (): Promise<Inspection> => ({ ok: true, mimeType: 'image/png', width: 8, height: 6 }),
    ),
    generate: vi.fn<ImageModel['generate']>(async () => answered),
    inspect: vi.fn(
      async (): Promise<Inspection> => ({ ok: true, mimeType: 'image/png', width: 4, height: 3, thumbnail }),
    ),
  };
  const log = createRecordedLog();
  const render = createRender({
    ...parts,
    chain: {
      model: { generate: parts.generate },
      breakers: createBreakers({ now }),
      now,
      inspect: parts.inspect,
    },
    modelsFor: () => ['first', 'second'],
    medians: { of: () => 10_000, record: vi.fn() },
    limits: { maxAttempts: 3, maxModelCalls: 8, modelTimeoutMs: 120_000 },
    randomName: () => 'word',
    random: () => 0,
    log,
  });
  const runs = createActiveRuns({ now });
  const run = runs.begin(claim, { deadlineAt: now() + claim.deadlineInMs });
  return { ...parts, log, run, render };
}
