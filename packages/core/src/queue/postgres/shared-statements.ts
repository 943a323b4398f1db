import pg from 'pg';

/**
 * What the processes that share something ask of the schema `name`. `clock_timestamp()` throughout: it is the server's, and
 * statements of one row wait for each other while the time goes on. Several statements sent at once are one transaction.
 */
export function sharedStatements(name: string) {
  const schema = pg.escapeIdentifier(name);
  const [counts, places, notes] = ['count', 'place', 'note'].map((table) => `${schema}.shared_${table}`);
  const ms = (interval: string) => `ceil(extract(epoch from ${interval}) * 1000)`;
  const epochMs = (at: string) => `(extract(epoch from ${at}) * 1000)::bigint`;
  const schemaText = pg.escapeLiteral(schema);
  const cleaner = `pg_try_advisory_xact_lock(hashtextextended('darkroom clean ' || ${schemaText}, 0))`;
  return {
    // Two processes that begin at once would both make the tables.
    create: `select pg_advisory_xact_lock(hashtextextended('darkroom shared ' || ${schemaText}, 0));
      create schema if not exists ${schema};
      create unlogged table if not exists ${counts} (key varchar(255) primary key, points integer not null default 0, expire bigint);
      create unlogged table if not exists ${places} (
        key text primary key, taken timestamptz[] not null, turned_away integer not null default 0,
        turning_since timestamptz, waits_ms numeric);
      create unlogged table if not exists ${notes} (key text primary key, value text not null, expires_at timestamptz not null);
      do $$ begin
        if to_regclass(${pg.escapeLiteral(`${schema}.shared_count_expire`)}) is null then
          create index shared_count_expire on ${counts} (expire);
        end if;
      end $$`,
    // A window begins with the first that is counted in it.
    count: `insert into ${counts} as c (key, points, expire)
      values ($1, 1, ${epochMs('clock_timestamp()')} + $2::bigint * 1000)
      on conflict (key) do update set (points, expire) = (
        select case when c.expire > n.now then c.points + 1 else 1 end,
               case when c.expire > n.now then c.expire else n.now + $2::bigint * 1000 end
        from (select ${epochMs('clock_timestamp()')} as now) n)
      returning points as counted, expire - ${epochMs('clock_timestamp()')} as reset_ms`,
    // The places taken within the window, oldest first. Who is turned away gets the number of those turned away
    // before in this window, and comes back when that many more places are free.
    takePlace: `insert into ${places} as p (key, taken) values ($1, array[clock_timestamp()])
      on conflict (key) do update set (taken, turned_away, turning_since, waits_ms) = (
        select
          case when cardinality(f.fresh) < $2::integer then f.fresh || f.now else f.fresh end,
          case when cardinality(f.fresh) < $2::integer then p.turned_away else f.before + 1 end,
          case when cardinality(f.fresh) < $2::integer then p.turning_since
               when f.before = 0 then f.now else p.turning_since end,
          case when cardinality(f.fresh) < $2::integer then null
               else ${ms('f.fresh[1 + f.before % cardinality(f.fresh)] + f.span - f.now')} end
        from (
          select n.now, n.span,
            array(select at from unnest(p.taken) at where at > n.now - n.span order by at) as fresh,
            case when p.turning_since > n.now - n.span then p.turned_away else 0 end as before
          from (select clock_timestamp() as now, $3::numeric * interval '1 millisecond' as span) n
        ) f)
      returning waits_ms as wait_ms, taken[cardinality(taken)]::text as place`,
    givePlace: `update ${places} set taken = array_remove(taken, $2::timestamptz) where key = $1`,
    note: `insert into ${notes} as n (key, value, expires_at)
      values ($1, $2, clock_timestamp() + $3::numeric * interval '1 millisecond')
      on conflict (key) do update set value = excluded.value, expires_at = excluded.expires_at
        where case $4 when 'absent' then n.expires_at <= clock_timestamp()
                      when 'longer' then n.expires_at <= excluded.expires_at else true end`,
    erase: `delete from ${notes} n using unnest($1::text[], $2::text[]) as e (key, value)
      where n.key = e.key and (e.value is null or n.value = e.value)`,
    notes: `select key, value, ${ms('expires_at - clock_timestamp()')} as remaining_ms
      from ${notes} where expires_at > clock_timestamp()`,
    // One process at a time: the others leave it be.
    clean: `delete from ${notes} where expires_at <= clock_timestamp() and (select ${cleaner});
      delete from ${counts} where expire < ${epochMs('clock_timestamp()')} and (select ${cleaner})`,
  };
}
