/** The parts of a request's query string by purpose. Repeated filters are combined by `and`. */
export interface Query {
  select: string | null;
  columns: string | null;
  order: string | null;
  limit: string | null;
  offset: string | null;
  onConflict: string | null;
  /** `or=(…)`, `and=(…)` and their negations. */
  logic: [key: string, value: string][];
  /** Filters on columns, or the arguments of a function called by GET. */
  filters: [key: string, value: string][];
}

const LOGIC = new Set(['or', 'and', 'not.or', 'not.and']);

export function parseQuery(search: string): Query {
  const query: Query = {
    select: null,
    columns: null,
    order: null,
    limit: null,
    offset: null,
    onConflict: null,
    logic: [],
    filters: [],
  };
  for (const [key, value] of new URLSearchParams(search)) {
    if (key === 'on_conflict') query.onConflict = value;
    else if (key === 'apikey') continue;
    else if (isNamed(key)) query[key] = value;
    else if (LOGIC.has(key)) query.logic.push([key, value]);
    else query.filters.push([key, value]);
  }
  return query;
}

function isNamed(key: string): key is 'select' | 'columns' | 'order' | 'limit' | 'offset' {
  return ['select', 'columns', 'order', 'limit', 'offset'].includes(key);
}
