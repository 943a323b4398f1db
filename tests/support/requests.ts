import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import type { Sent } from '../e2e/contract.ts';

export interface WrittenRequest extends Sent {
  operationId: string;
}

/** How often a field is something else than its schema asks for. */
type Care = 'careful' | 'careless';

const nasty = fc.constantFrom(
  ...['', '0', '-1', 'null', '%00', "' or 1=1 --", '\u202e', '1e9', '[]', 'é'.repeat(600)],
);
const notJson = fc.constantFrom('', '{', '"', 'null', '[]', '{"prompt":', '\u0000', '{"a":1}{', 'NaN');

/**
 * Requests to every call of the document, made of what it says: half of them as it asks for, half with other values
 * here and there, and now and then no JSON, another type, no token or a wrong one.
 * @param options.ids what to try in a path
 * @param options.tokens of whom the requests are
 */
export function requestsTo(
  document: any,
  { ids, tokens }: { ids: readonly string[]; tokens: readonly string[] },
): fc.Arbitrary<WrittenRequest> {
  const calls = Object.entries<Record<string, any>>(document.paths).flatMap(([, methods]) =>
    Object.values(methods),
  );
  const id = fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(...ids) },
    {
      weight: 1,
      arbitrary: fc.constantFrom(randomUUID(), ids[0]!.toUpperCase(), '0', 'a b', '%', '%00', '…'),
    },
  );
  const token = fc.oneof(
    { weight: 20, arbitrary: fc.constantFrom(...tokens) },
    { weight: 1, arbitrary: fc.constantFrom(null, 'x', `${tokens[0]}x`, 'a.b.c') },
  );

  return fc
    .tuple(fc.constantFrom(...calls), fc.constantFrom<Care>('careful', 'careless'))
    .chain(([{ operationId, parameters, requestBody }, care]) => {
      const named = (where: string) => parameters.filter((parameter: any) => parameter.in === where);
      const query = named('query').map(({ name, schema }: any) => [
        name,
        // Waits are another suite's: here they would only take time.
        name === 'wait' ? nasty : perhaps(schema, care),
      ]);
      const headers = named('header').map((header: any) => [header.name, headerValue(header, care)]);
      const content = requestBody?.content['application/json'];
      return fc
        .record({
          operationId: fc.constant<string>(operationId),
          id,
          token,
          query: fc.record<Record<string, unknown>>(Object.fromEntries(query), { requiredKeys: [] }),
          headers: fc.record<Record<string, string>>(Object.fromEntries(headers), { requiredKeys: [] }),
          body: content ? bodyOf(content, care) : fc.constant(undefined),
          type: otherType(care),
        })
        .map(({ query: asked, headers: sent, type, ...rest }) => ({
          ...rest,
          query: new URLSearchParams(
            Object.entries(asked).map(([name, value]): [string, string] => [
              name,
              String(value).toWellFormed(),
            ]),
          ).toString(),
          headers: { ...sent, ...(type === null || rest.body === undefined ? {} : { 'content-type': type }) },
        }));
    });

  function bodyOf({ schema, example }: any, care: Care): fc.Arbitrary<string> {
    const json = (value: unknown) => JSON.stringify(value);
    const any = perhaps(schema, care).map(json);
    if (care === 'careless')
      return fc.oneof({ weight: 9, arbitrary: any }, { weight: 1, arbitrary: notJson });
    // Of many fields there is always one that does not fit another: most change one of what is known to do.
    const changed = objectOf(schema, care).map((fields) => json({ ...example, ...fields }));
    return fc.oneof(fc.constant(json(example)), changed, any);
  }

  function perhaps(schema: any, care: Care): fc.Arbitrary<unknown> {
    const fitting = fittingOf(schema, care);
    if (care === 'careful') return fitting;
    return fc.oneof(
      { weight: 5, arbitrary: fitting },
      { weight: 1, arbitrary: fc.oneof(nasty, fc.jsonValue()) },
    );
  }

  function fittingOf(schema: any, care: Care): fc.Arbitrary<unknown> {
    if (schema.$ref) return fittingOf(document.components.schemas[schema.$ref.split('/').at(-1)], care);
    if (schema.anyOf) return fc.oneof(...schema.anyOf.map((option: any) => fittingOf(option, care)));
    if (schema.enum) return fc.constantFrom(...schema.enum);
    if (Array.isArray(schema.type)) {
      return fc.oneof(...schema.type.map((type: string) => fittingOf({ ...schema, type }, care)));
    }
    if (schema.type === 'null') return fc.constant(null);
    if (schema.type === 'boolean') return fc.boolean();
    if (schema.type === 'integer') {
      return fc.integer({ min: schema.minimum ?? -5, max: Math.min(schema.maximum ?? 100, 1e9) });
    }
    if (schema.type === 'array') return fc.array(fittingOf(schema.items, care), { maxLength: 4 });
    if (schema.type === 'object') return objectOf(schema, care);
    if (schema.format === 'uuid') return fc.oneof(id, fc.uuid());
    if (schema.pattern && schema.pattern !== '\\S') return fc.stringMatching(new RegExp(schema.pattern));
    return fc.string({ unit: 'binary', maxLength: Math.min(schema.maxLength ?? 200, 200) });
  }

  function objectOf(schema: any, care: Care): fc.Arbitrary<object> {
    if (schema.$ref) return objectOf(document.components.schemas[schema.$ref.split('/').at(-1)], care);
    const { properties, required = [] } = schema;
    if (!properties) return fc.dictionary(fc.string(), fc.jsonValue(), { maxKeys: 3 });
    const record = (names: string[], options?: { requiredKeys: any }) =>
      fc.record(Object.fromEntries(names.map((name) => [name, perhaps(properties[name], care)])), options);
    const names = Object.keys(properties);
    const one = fc.constantFrom(...names).chain((name) => record([...new Set([...required, name])]));
    return fc.oneof(one, record(names, { requiredKeys: required }));
  }
}

function headerValue({ name, example }: any, care: Care): fc.Arbitrary<string> {
  if (name === 'Prefer') return fc.constantFrom('wait=x', 'respond-async', '');
  const any = fc.stringMatching(/^[\x21-\x7e]{0,30}$/);
  return care === 'careful' ? fc.oneof(fc.constant<string>(example), any) : any;
}

function otherType(care: Care): fc.Arbitrary<string | null> {
  if (care === 'careful') return fc.constant(null);
  return fc.oneof(
    { weight: 9, arbitrary: fc.constant(null) },
    {
      weight: 1,
      arbitrary: fc.constantFrom('text/plain', 'application/json; charset=utf-16', 'multipart/form-data'),
    },
  );
}
