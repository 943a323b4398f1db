import fc from 'fast-check';
import { expect, it } from 'vitest';
import { useDeployment } from '../support/deployment.ts';
import { requestsTo } from '../support/requests.ts';
import { openContract } from './contract.ts';

/** `REQUESTS=50000 SEED=1` makes more of them, and others. */
const fullCount = Number(process.env.REQUESTS ?? 3_000);
const seed = Number(process.env.SEED ?? 20_260_301);
const atOnce = 16;

const deployment = useDeployment({
  overrides: { STRIPE_WEBHOOK_SECRET: 'whsec_of_the_test', RATE_LIMIT_PER_MINUTE: '1000000' },
});

const guarantee = 'no request that can be made of the contract, well or badly, gets an answer outside of it';
it(`${guarantee}: a few`, { timeout: 300_000 }, () => sendRequests(500));
it(guarantee, { tags: ['slow'], timeout: 600_000 }, () => sendRequests(fullCount));

async function sendRequests(count: number): Promise<void> {
  const [boris, clara] = [await deployment.user('boris'), await deployment.user('clara')];
  await boris.ended((await boris.submit({ prompt: 'his' })).id);
  await deployment.query(`select public.grant_credits($1, 500, $2, 'test')`, [boris.id, boris.id]);
  const prompt = await boris.post('/v1/prompts', { prompt_text: 'ink' });
  const [jobs, images] = [await boris.get('/v1/jobs'), await boris.get('/v1/images')];
  const ids = [jobs.body.data[0].id, images.body.data[0].id, prompt.body.id];

  const { url } = deployment.stack.api;
  const document = await (await fetch(`${url}/openapi.json`)).json();
  const { call } = openContract({ url, token: boris.token });
  const requests = fc.sample(requestsTo(document, { ids, tokens: [boris.token, clara.token] }), {
    numRuns: count,
    seed,
  });
  const statuses: Record<number, number> = {};
  const begun = performance.now();
  const left = requests.values();
  const takeTurns = async () => {
    for (const { operationId, ...sent } of left) {
      const { status } = await call(operationId, sent);
      statuses[status] = (statuses[status] ?? 0) + 1;
      // On a busy machine a part may be slow to answer, and then the process is not ready: that is the contract's 503.
      if (operationId === 'showReady' && status === 503) continue;
      expect(status, `${operationId} ${JSON.stringify(sent)}`).toBeLessThan(500);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, takeTurns));
  const seconds = ((performance.now() - begun) / 1_000).toFixed(1);
  process.stderr.write(`${count} requests in ${seconds} s: ${JSON.stringify(statuses)}\n`);

  // It is no test of how requests are refused: many do what they ask for.
  expect((statuses[200] ?? 0) + (statuses[201] ?? 0) + (statuses[202] ?? 0)).toBeGreaterThan(count / 10);
  expect(await deployment.audit()).toEqual([]);
}
