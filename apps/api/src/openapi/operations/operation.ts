import type { z } from 'zod';
import type { ProblemCode } from '../../problem/problem.ts';
import type { BodyName } from '../examples.ts';
import type { RequestHeader, ResponseHeader } from '../headers.ts';
import type { AnswerName } from '../schemas.ts';

/** One call of the API, as the document tells of it. */
export interface Operation {
  method: 'get' | 'post' | 'patch' | 'delete';
  /** With `{id}` where the route has `:id`. */
  path: string;
  id: string;
  tag: 'Jobs' | 'Account' | 'Images' | 'Prompts' | 'Webhooks' | 'Health';
  summary: string;
  description?: string;
  query?: z.ZodObject;
  headers?: readonly RequestHeader[];
  body?: BodyName;
  answers: Readonly<Record<number, Answer>>;
  /** Beside those that any call below /v1 can meet. */
  problems?: readonly ProblemCode[];
}

interface Answer {
  description: string;
  /** What the body is; `events` is a stream of server-sent events. Without it there is none. */
  body?: AnswerName | 'events';
  headers?: readonly ResponseHeader[];
}

/** What any call that takes a body can object to. */
export const bodyProblems = [
  'unsupported_media_type',
  'malformed_json',
  'payload_too_large',
  'invalid_request',
] as const;
