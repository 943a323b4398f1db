import { GatewayError, unknownTable } from './errors.ts';
import type { ConnectionPool } from './pool.ts';
import { READ_CATALOG } from './read-catalog.ts';

export interface Column {
  name: string;
  type: string;
  /** SQL of the default, or null. */
  default: string | null;
}

export interface Relation {
  name: string;
  columns: Map<string, Column>;
  primaryKey: string[];
}

export interface Argument {
  name: string;
  type: string;
  required: boolean;
  variadic: boolean;
}

export interface Routine {
  name: string;
  arguments: Argument[];
  returns: 'void' | 'scalar' | 'row';
  returnsSet: boolean;
  volatility: 'immutable' | 'stable' | 'volatile';
  /** The `set statement_timeout` of the function, which must be applied before the call. */
  statementTimeout: string | null;
}

export type RoleSettings = readonly (readonly [name: string, value: string])[];

export interface Catalog {
  relation(name: string): Promise<Relation>;
  /** Every overload of this name; empty for an unknown function. */
  routines(name: string, fits: (routine: Routine) => boolean): Promise<Routine[]>;
  /** The settings of `alter role … set` for this role. */
  roleSettings(role: string): Promise<RoleSettings>;
  column(relation: Relation, name: string): Promise<Column | undefined>;
  /** Makes the next lookup read the catalog again. */
  forget(): void;
}

interface Snapshot {
  relations: Map<string, Relation>;
  routines: Map<string, Routine[]>;
  roles: Map<string, RoleSettings>;
}

/** The objects of schema `public`. Read once, and again when a lookup misses. */
export function createCatalog(pool: ConnectionPool): Catalog {
  let latest: Promise<Snapshot> | undefined;

  function current(): Promise<Snapshot> {
    latest ??= reload();
    return latest;
  }

  function reload(): Promise<Snapshot> {
    const reading = read(pool);
    latest = reading;
    reading.catch(() => {
      if (latest === reading) latest = undefined;
    });
    return reading;
  }

  async function find<Found>(look: (snapshot: Snapshot) => Found | undefined): Promise<Found | undefined> {
    const before = current();
    const found = look(await before);
    if (found !== undefined) return found;
    // When many lookups miss at once, one reads the catalog and the others wait for it.
    return look(await (latest === before ? reload() : current()));
  }

  return {
    relation: async (name) => {
      const relation = await find((snapshot) => snapshot.relations.get(name));
      if (!relation) throw unknownTable(name);
      return relation;
    },
    routines: async (name, fits) =>
      (await find((snapshot) => {
        const fitting = snapshot.routines.get(name)?.filter(fits) ?? [];
        return fitting.length > 0 ? fitting : undefined;
      })) ?? [],
    roleSettings: async (role) => (await current()).roles.get(role) ?? [],
    column: async (relation, name) =>
      relation.columns.get(name) ??
      (await find((snapshot) => snapshot.relations.get(relation.name)?.columns.get(name))),
    forget: () => {
      latest = undefined;
    },
  };
}

async function read(pool: ConnectionPool): Promise<Snapshot> {
  const client = await pool.acquire();
  try {
    const results = (await client.query(READ_CATALOG)) as unknown as { rows: { found: unknown }[] }[];
    const [relations, routines, roles] = results.slice(1).map((result) => result.rows[0]!.found);
    return {
      relations: indexRelations(relations as (Omit<Relation, 'columns'> & { columns: Column[] })[]),
      routines: Map.groupBy(routines as Routine[], (routine) => routine.name),
      roles: indexRoles(roles as { role: string; name: string; value: string }[]),
    };
  } catch (error) {
    throw new GatewayError(503, {
      code: 'PGRST002',
      message: 'Could not query the database for the schema cache. Retrying.',
      details: error instanceof Error ? error.message : String(error),
    });
  } finally {
    client.release(client.getTransactionStatus() !== 'I');
  }
}

function indexRelations(rows: (Omit<Relation, 'columns'> & { columns: Column[] })[]): Map<string, Relation> {
  return new Map(
    rows.map((row) => [
      row.name,
      { ...row, columns: new Map(row.columns.map((column) => [column.name, column])) },
    ]),
  );
}

function indexRoles(rows: { role: string; name: string; value: string }[]): Map<string, RoleSettings> {
  const byRole = Map.groupBy(rows, (row) => row.role);
  return new Map([...byRole].map(([role, its]) => [role, its.map(({ name, value }) => [name, value])]));
}
