/** A migration that opens with it may take away what the release before no longer uses. */
const contract = /^-- contract: \S/;

const breaking: [what: string, where: RegExp][] = [
  ['drops a column', /\bdrop\s+column\b/],
  ['drops a table', /\bdrop\s+table\b/],
  ['drops a view', /\bdrop\s+(materialized\s+)?view\b/],
  ['drops a function', /\bdrop\s+function\b/],
  ['drops a type', /\bdrop\s+type\b/],
  ['drops a trigger', /\bdrop\s+trigger\b/],
  ['drops a policy', /\bdrop\s+policy\b/],
  ['drops a schema', /\bdrop\s+schema\b/],
  ['renames', /\brename\s+(column\b|constraint\b|to\b|\w+\s+to\b)/],
  ['changes the type of a column', /\balter\s+(column\s+)?[\w"]+\s+(set\s+data\s+)?type\b/],
  ['makes a column not null', /\bset\s+not\s+null\b/],
  ['takes a default away', /\bdrop\s+default\b/],
];

/**
 * What of a migration a process of the release before could not live with: it would miss what is gone, or could not
 * write what is now demanded. Empty for a migration that is marked as the second half of a change.
 */
export function findBreaking(sql: string): string[] {
  if (contract.test(sql)) return [];
  const statements = outsideOfBodies(sql);
  const found = breaking.filter(([, where]) => where.test(statements)).map(([what]) => what);
  const demands = [...statements.matchAll(/\badd\s+column\s+([^;,(]*(\([^)]*\)[^;,(]*)*)/g)].some(
    ([, column = '']) => /\bnot\s+null\b/.test(column) && !/\b(default|generated)\b/.test(column),
  );
  if (demands) found.push('adds a column that old processes leave empty, not null and without a default');
  return [...found, ...findDemands(statements)];
}

/** Demands that existing rows, or writers of the release before, may not meet. A new table has neither. */
function findDemands(sql: string): string[] {
  const made = new Set(
    [...sql.matchAll(/\bcreate\s+table\s+(?:if\s+not\s+exists\s+)?([\w".]+)/g)].map(([, table]) => table),
  );
  const found = new Set<string>();
  for (const statement of sql.split(';')) {
    const [, altered] = /\balter\s+table\s+(?:if\s+exists\s+)?(?:only\s+)?([\w".]+)/.exec(statement) ?? [];
    const constrains = /\badd\s+(constraint|check|unique|primary\s+key|foreign\s+key|exclude)\b/.test(
      statement,
    );
    if (altered && !made.has(altered) && constrains && !/\bnot\s+valid\b/.test(statement)) {
      found.add('adds a constraint to a table that is there, and not as not valid');
    }
    const [, indexed] = /\bcreate\s+unique\s+index\b[^(]*?\bon\s+(?:only\s+)?([\w".]+)/.exec(statement) ?? [];
    if (indexed && !made.has(indexed)) found.add('makes a unique index on a table that is there');
  }
  return [...found];
}

/** Comments, texts and bodies of functions do nothing when the migration runs; `do` blocks do. */
function outsideOfBodies(sql: string): string {
  return sql
    .replaceAll(/--[^\n]*/g, '')
    .replaceAll(/\/\*[\s\S]*?\*\//g, '')
    .replaceAll(/\bdo\s+(\$\w*\$)([\s\S]*?)\1/gi, '$2')
    .replaceAll(/(\$\w*\$)[\s\S]*?\1/g, "''")
    .replaceAll(/'(?:[^']|'')*'/g, "''")
    .toLowerCase();
}
