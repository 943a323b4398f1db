import pg from 'pg';

/**
 * The SQL of coordination, on tables of schema `name`. Uses `clock_timestamp()` throughout: statements on one row wait for
 * each other, and the time must be read after the wait. Statements sent together run as one transaction.
 */
export function coordinationStatements(name: string) {
  const schema = pg.escapeIdentifier(name);
  const [counters, slots, values] = ['counters', 'slots', 'values'].map(
    (table) => `${schema}.coordination_${table}`,
  );
  const ms = (interval: string) => `ceil(extract(epoch from ${interval}) * 1000)`;
  const epochMs = (at: string) => `(extract(epoch from ${at}) * 1000)::bigint`;
  const schemaText = pg.escapeLiteral(schema);
  const holdsCleanLock = `pg_try_advisory_xact_lock(hashtextextended('darkroom clean ' || ${schemaText}, 0))`;
  return {
    // The lock keeps two processes that start together from creating the tables twice.
    create: `select pg_advisory_xact_lock(hashtextextended('darkroom coordination ' || ${schemaText}, 0));
      create schema if not exists ${schema};
      create unlogged table if not exists ${counters} (
        key varchar(255) primary key, count integer not null default 0, expires_ms bigint);
      create unlogged table if not exists ${slots} (
        key text primary key, taken timestamptz[] not null, turned_away integer not null default 0,
        turning_away_since timestamptz, wait_ms numeric);
      create unlogged table if not exists ${values} (
        key text primary key, value text not null, expires_at timestamptz not null);
      do $$ begin
        if to_regclass(${pg.escapeLiteral(`${schema}.coordination_counters_expires_ms`)}) is null then
          create index coordination_counters_expires_ms on ${counters} (expires_ms);
        end if;
      end $$`,
    // A window starts with its first increment.
    count: `insert into ${counters} as c (key, count, expires_ms)
      values ($1, 1, ${epochMs('clock_timestamp()')} + $2::bigint * 1000)
      on conflict (key) do update set (count, expires_ms) = (
        select case when c.expires_ms > n.now then c.count + 1 else 1 end,
               case when c.expires_ms > n.now then c.expires_ms else n.now + $2::bigint * 1000 end
        from (select ${epochMs('clock_timestamp()')} as now) n)
      returning count, expires_ms - ${epochMs('clock_timestamp()')} as reset_ms`,
    // Keeps the slots taken within the window, oldest first. The nth caller turned away in this window is told the time
    // at which the nth slot becomes free.
    reserve: `insert into ${slots} as s (key, taken) values ($1, array[clock_timestamp()])
      on conflict (key) do update set (taken, turned_away, turning_away_since, wait_ms) = (
        select
          case when cardinality(f.fresh) < $2::integer then f.fresh || f.now else f.fresh end,
          case when cardinality(f.fresh) < $2::integer then s.turned_away else f.before + 1 end,
          case when cardinality(f.fresh) < $2::integer then s.turning_away_since
               when f.before = 0 then f.now else s.turning_away_since end,
          case when cardinality(f.fresh) < $2::integer then null
               else ${ms('f.fresh[1 + f.before % cardinality(f.fresh)] + f.span - f.now')} end
        from (
          select n.now, n.span,
            array(select at from unnest(s.taken) at where at > n.now - n.span order by at) as fresh,
            case when s.turning_away_since > n.now - n.span then s.turned_away else 0 end as before
          from (select clock_timestamp() as now, $3::numeric * interval '1 millisecond' as span) n
        ) f)
      returning wait_ms, taken[cardinality(taken)]::text as slot_id`,
    release: `update ${slots} set taken = array_remove(taken, $2::timestamptz) where key = $1`,
    setValue: `insert into ${values} as v (key, value, expires_at)
      values ($1, $2, clock_timestamp() + $3::numeric * interval '1 millisecond')
      on conflict (key) do update set value = excluded.value, expires_at = excluded.expires_at
        where case $4 when 'absent' then v.expires_at <= clock_timestamp()
                      when 'longer' then v.expires_at <= excluded.expires_at else true end`,
    deleteValues: `delete from ${values} v using unnest($1::text[], $2::text[]) as d (key, value)
      where v.key = d.key and (d.value is null or v.value = d.value)`,
    listValues: `select key, value, ${ms('expires_at - clock_timestamp()')} as remaining_ms
      from ${values} where expires_at > clock_timestamp()`,
    // Only the process that gets the lock cleans; the others skip.
    clean: `delete from ${values} where expires_at <= clock_timestamp() and (select ${holdsCleanLock});
      delete from ${counters} where expires_ms < ${epochMs('clock_timestamp()')} and (select ${holdsCleanLock})`,
  };
}
