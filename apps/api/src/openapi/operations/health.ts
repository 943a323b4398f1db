import type { Operation } from './operation.ts';

export const healthOperations: readonly Operation[] = [
  {
    method: 'get',
    path: '/health/live',
    id: 'showLive',
    tag: 'Health',
    summary: 'Check whether the process responds',
    answers: { 200: { description: 'It responds.', body: 'Live' } },
  },
  {
    method: 'get',
    path: '/health/ready',
    id: 'showReady',
    tag: 'Health',
    summary: 'Check whether the process should receive requests',
    answers: { 200: { description: 'It is ready.', body: 'Ready' } },
    problems: ['service_unavailable'],
  },
];
