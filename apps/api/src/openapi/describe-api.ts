import { z } from 'zod';
import { type ProblemCode, problems } from '../problem/problem.ts';
import { bodies } from './bodies.ts';
import type {
  Content,
  DocumentedAnswer,
  DocumentedOperation,
  JsonSchema,
  OpenApiDocument,
  Parameter,
} from './document.ts';
import { answerExamples, bodyExamples, eventExample } from './examples.ts';
import { type RequestHeader, type ResponseHeader, requestHeaders, responseHeaders } from './headers.ts';
import type { Operation } from './operations/operation.ts';
import { operations, problemsOf } from './operations.ts';
import { problemExamples } from './problem-examples.ts';
import { answers, jobEvent } from './schemas.ts';
import { sentTag, webhooks } from './webhooks.ts';

/** The API contract as OpenAPI 3.1, built from the schemas that requests are parsed with. */
export function describeApi(): OpenApiDocument {
  const paths: OpenApiDocument['paths'] = {};
  for (const operation of operations) {
    paths[operation.path] = { ...paths[operation.path], [operation.method]: describe(operation) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Darkroom',
      version: '1.0.0',
      description:
        'Generates images in the background: create a job, follow it, and get the image or a refund. ' +
        'Every error is application/problem+json with a code whose meaning never changes. ' +
        'Responses may gain fields; ignore those you do not know.',
    },
    servers: [{ url: '/' }],
    tags: [...new Set([...operations.map(({ tag }) => tag), sentTag])].map((name) => ({ name })),
    paths,
    webhooks,
    components: {
      schemas: namedSchemas(),
      securitySchemes: {
        session: {
          type: 'http',
          scheme: 'bearer',
          bearerFormat: 'JWT',
          description: 'A Clerk session token.',
        },
      },
    },
  };
}

function describe(operation: Operation): DocumentedOperation {
  const { body } = operation;
  return {
    operationId: operation.id,
    tags: [operation.tag],
    summary: operation.summary,
    ...(operation.description && { description: operation.description }),
    security: operation.path.startsWith('/v1/') ? [{ session: [] }] : [],
    parameters: parametersOf(operation),
    ...(body && {
      requestBody: {
        required: true,
        content: { 'application/json': { schema: reference(body), example: bodyExamples[body] } },
      },
    }),
    responses: { ...answersOf(operation), ...problemsByStatus(problemsOf(operation)) },
  };
}

function parametersOf({ path, query, headers = [] }: Operation): Parameter[] {
  const inPath: Parameter[] = path.includes('{id}')
    ? [{ name: 'id', in: 'path', required: true, schema: { type: 'string', format: 'uuid' } }]
    : [];
  return [...inPath, ...queryParameters(query), ...headers.map(headerParameter)];
}

function queryParameters(query: z.ZodObject | undefined): Parameter[] {
  if (!query) return [];
  const { properties = {} } = z.toJSONSchema(query, options);
  return Object.entries(properties).map(([name, property]) => {
    const { description, ...schema } = property as JsonSchema & { description?: string };
    return {
      name,
      in: 'query',
      required: false,
      ...(description && { description }),
      schema: withoutNull(schema),
    };
  });
}

/** A query has no null: the route reads an omitted parameter as null. */
function withoutNull({ anyOf, ...schema }: JsonSchema): JsonSchema {
  if (!Array.isArray(anyOf)) return schema;
  const { default: _, ...rest } = schema;
  return { ...rest, ...anyOf.find(({ type }: JsonSchema) => type !== 'null') };
}

function headerParameter(name: RequestHeader): Parameter {
  return { name, in: 'header', required: false, ...requestHeaders[name] };
}

function answersOf({ path, answers: listed }: Operation): Record<string, DocumentedAnswer> {
  const limits: ResponseHeader[] = path.startsWith('/v1/') ? ['RateLimit', 'RateLimit-Policy'] : [];
  return Object.fromEntries(
    Object.entries(listed).map(([status, { description, body, headers: own = [] }]) => {
      const headers = [...own, ...limits];
      return [
        status,
        {
          description,
          ...(headers.length > 0 && {
            headers: Object.fromEntries(headers.map((name) => [name, responseHeaders[name]])),
          }),
          ...(body && { content: contentOf(body) }),
        },
      ];
    }),
  );
}

function contentOf(body: keyof typeof answers | 'events'): Record<string, Content> {
  if (body === 'events') {
    return { 'text/event-stream': { schema: { type: 'string' }, example: eventExample } };
  }
  return { 'application/json': { schema: reference(body), example: answerExamples[body] } };
}

/** Problems with the same status are examples of one response. */
function problemsByStatus(codes: readonly ProblemCode[]): Record<string, DocumentedAnswer> {
  const byStatus = Map.groupBy(codes, (code) => problems[code].status);
  return Object.fromEntries(
    [...byStatus].map(([status, together]) => [
      status,
      {
        description: together.map((code) => problems[code].title).join('; '),
        content: {
          'application/problem+json': {
            schema: reference('Problem'),
            examples: Object.fromEntries(together.map((code) => [code, { value: exampleOf(code) }])),
          },
        },
      },
    ]),
  );
}

function exampleOf(code: ProblemCode): object {
  const { detail, errors, extras } = problemExamples[code];
  return {
    type: `urn:darkroom:problem:${code}`,
    ...{ title: problems[code].title, status: problems[code].status, detail, code },
    request_id: '3f0d5c1e-6f0b-4f6e-9a3c-1b2a7d9e0c44',
    ...(errors && { errors }),
    ...extras,
  };
}

function namedSchemas(): Record<string, JsonSchema> {
  const registry = z.registry<{ id: string }>();
  for (const [id, schema] of Object.entries({ ...bodies, ...answers, JobEvent: jobEvent }))
    registry.add(schema, { id });
  const { schemas } = z.toJSONSchema(registry, { ...options, uri: (id) => `#/components/schemas/${id}` });
  return Object.fromEntries(
    Object.entries(schemas).map(([id, { $schema: _, $id: __, ...schema }]) => [id, schema]),
  );
}

/** `io: 'input'` allows additional properties, so that responses can gain fields. */
const options = {
  target: 'draft-2020-12',
  io: 'input',
  unrepresentable: 'any',
  override({ jsonSchema }: { jsonSchema: JsonSchema }) {
    // Redundant: the format implies the pattern, and a number in a query is text.
    if (jsonSchema.format === 'date-time' || jsonSchema.format === 'uuid') delete jsonSchema.pattern;
    if (jsonSchema.type !== 'integer') return;
    delete jsonSchema.pattern;
    if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
    if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
  },
} as const;

function reference(name: string): JsonSchema {
  return { $ref: `#/components/schemas/${name}` };
}
