import { createLogContext } from '@darkroom/core/runtime/log/context';
import { createRecordedLog } from '@darkroom/core/runtime/log/recorded';
import { expect, test } from 'vitest';
import { createTestApi } from '../testing/test-api.ts';

test('every line logged while a request runs carries its id', async () => {
  const recorded = createRecordedLog();
  const { log, within } = createLogContext(recorded);
  const api = await createTestApi({ log, within });
  api.broken.queue = true;
  await api.post({ prompt: 'a fox' }, { 'X-Request-Id': 'request-1' });
  const told = recorded.told.map(({ name, fields }) => [name, fields.request_id]);
  expect(told).toEqual([
    ['job_created', 'request-1'],
    ['queue_unavailable', 'request-1'],
    ['request_finished', 'request-1'],
  ]);
});
