import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { GatewayError } from './errors.ts';
import type { Scope } from './field.ts';
import { parseOrder } from './parse-order.ts';
import { parseSelect } from './parse-select.ts';
import { parseWhere } from './parse-where.ts';
import { parseQuery } from './query.ts';
import { createParameters } from './sql.ts';

function scope(): Scope {
  const tags = { name: 'tags', type: 'text[]', default: null };
  return { qualifier: 't', columns: new Map([['tags', tags]]), parameters: createParameters() };
}

function where(search: string) {
  const used = scope();
  return { sql: parseWhere(parseQuery(search), used), values: used.parameters.values };
}

describe('filters', () => {
  test('become conditions whose values are parameters', () => {
    expect(where('a=eq.1&b=not.in.(x,"y,z")&or=(c.is.null,and(d.gt.2,e.not.like.*q*))')).toEqual({
      sql: ' where t."a" = $1 and not t."b" = any($2) and (t."c" is null or (t."d" > $3 and not t."e" like $4))',
      values: ['1', '{"x","y,z"}', '2', '%q%'],
    });
  });

  test('read JSON paths, also in columns of other types', () => {
    expect(where('data->a->>0=eq.1&tags->0=eq.2').sql).toBe(
      ' where t."data"->$1::text->>$2::int = $3 and to_jsonb(t."tags")->$4::int = $5',
    );
  });

  test('are never read as SQL', () => {
    const safe = /^ where (not )?t\."([^"]|"")*" (=|is|like|= any\()[ ]?(\$\d+\)?|null)$/;
    fc.assert(
      fc.property(
        fc.string(),
        fc.constantFrom('eq', 'like', 'not.eq', 'in', 'is'),
        fc.string(),
        (key, operator, value) => {
          const search = new URLSearchParams([
            [`c${key}`, `${operator}.${operator === 'in' ? `(${value})` : value}`],
          ]);
          try {
            const { sql } = where(search.toString());
            if (!key.includes('->')) expect(sql).toMatch(safe);
          } catch (error) {
            expect(error).toBeInstanceOf(GatewayError);
          }
        },
      ),
    );
  });
});

test('select and order quote every name', () => {
  expect(parseSelect('id,as:"odd \\"x",data->>k,n::text,*', scope())).toBe(
    't."id" as "id", t."odd ""x" as "as", t."data"->>$1::text as "k", cast(t."n" as text) as "n", t.*',
  );
  expect(parseOrder('a.desc.nullslast,b', scope())).toBe(' order by t."a" desc nulls last, t."b"');
});
