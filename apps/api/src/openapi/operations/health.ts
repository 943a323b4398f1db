import type { Operation } from './operation.ts';

export const healthOperations: readonly Operation[] = [
  {
    method: 'get',
    path: '/health/live',
    id: 'showLive',
    tag: 'Health',
    summary: 'Whether the process answers',
    answers: { 200: { description: 'It does.', body: 'Live' } },
  },
  {
    method: 'get',
    path: '/health/ready',
    id: 'showReady',
    tag: 'Health',
    summary: 'Whether requests should be sent here',
    answers: { 200: { description: 'They should.', body: 'Ready' } },
    problems: ['service_unavailable'],
  },
];
