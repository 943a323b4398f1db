import { pageQuery } from '../../http/page-query.ts';
import { bodyProblems, type Operation } from './operation.ts';

export const promptOperations: readonly Operation[] = [
  {
    method: 'get',
    path: '/v1/prompts',
    id: 'listPrompts',
    tag: 'Prompts',
    summary: 'List your saved prompts, newest first',
    query: pageQuery,
    answers: { 200: { description: 'A page of prompts.', body: 'PromptPage' } },
    problems: ['invalid_request'],
  },
  {
    method: 'post',
    path: '/v1/prompts',
    id: 'createPrompt',
    tag: 'Prompts',
    summary: 'Save a prompt',
    body: 'NewPrompt',
    answers: { 201: { description: 'The prompt.', body: 'Prompt', headers: ['Location'] } },
    problems: [...bodyProblems, 'too_many_prompts'],
  },
  {
    method: 'get',
    path: '/v1/prompts/{id}',
    id: 'showPrompt',
    tag: 'Prompts',
    summary: 'Read a saved prompt',
    answers: { 200: { description: 'The prompt.', body: 'Prompt' } },
    problems: ['not_found'],
  },
  {
    method: 'patch',
    path: '/v1/prompts/{id}',
    id: 'updatePrompt',
    tag: 'Prompts',
    summary: 'Change a saved prompt',
    description: 'Changes the fields that are sent; null clears a field.',
    body: 'PromptChanges',
    answers: { 200: { description: 'The prompt.', body: 'Prompt' } },
    problems: ['not_found', ...bodyProblems],
  },
  {
    method: 'delete',
    path: '/v1/prompts/{id}',
    id: 'deletePrompt',
    tag: 'Prompts',
    summary: 'Delete a saved prompt',
    answers: { 204: { description: 'The prompt is deleted.' } },
    problems: ['not_found'],
  },
];
