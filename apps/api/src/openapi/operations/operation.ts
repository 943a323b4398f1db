import type { z } from 'zod';
import type { ProblemCode } from '../../problem/problem.ts';
import type { BodyName } from '../examples.ts';
import type { RequestHeader, ResponseHeader } from '../headers.ts';
import type { AnswerName } from '../schemas.ts';

/** One operation of the API. */
export interface Operation {
  method: 'get' | 'post' | 'patch' | 'delete';
  /** With `{id}` for the route's `:id`. */
  path: string;
  id: string;
  tag: 'Jobs' | 'Account' | 'Images' | 'Prompts' | 'Webhooks' | 'Health';
  summary: string;
  description?: string;
  query?: z.ZodObject;
  headers?: readonly RequestHeader[];
  body?: BodyName;
  answers: Readonly<Record<number, Answer>>;
  /** In addition to the problems of every operation below /v1. */
  problems?: readonly ProblemCode[];
}

interface Answer {
  description: string;
  /** The name of the body's schema; `events` is a stream of server-sent events. Omitted without a body. */
  body?: AnswerName | 'events';
  headers?: readonly ResponseHeader[];
}

/** The problems of every operation with a body. */
export const bodyProblems = [
  'unsupported_media_type',
  'malformed_json',
  'payload_too_large',
  'invalid_request',
] as const;
