import { pageQuery } from '../../http/page-query.ts';
import type { Operation } from './operation.ts';

export const accountOperations: readonly Operation[] = [
  {
    method: 'get',
    path: '/v1/me',
    id: 'showMe',
    tag: 'Account',
    summary: 'Read your balance and subscription',
    answers: { 200: { description: 'You.', body: 'Me' } },
  },
  {
    method: 'get',
    path: '/v1/credits/ledger',
    id: 'listLedger',
    tag: 'Account',
    summary: 'List every movement of your credits, newest first',
    query: pageQuery,
    answers: { 200: { description: 'A page of the ledger.', body: 'LedgerPage' } },
    problems: ['invalid_request'],
  },
];
