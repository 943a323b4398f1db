import { catalog, type MetricEntry, type MetricName } from '@darkroom/core/runtime/metrics/catalog';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { type AlertRule, metricsIn, readAlerts, readDashboard, readDeployed, readText } from './deployed.ts';

const suffixes = { counter: [''], gauge: [''], histogram: ['_bucket', '_sum', '_count'] };
const exposed = new Map<string, MetricEntry>(
  (Object.keys(catalog) as MetricName[]).flatMap((name) =>
    suffixes[catalog[name].type].map((suffix) => [`${name}${suffix}`, catalog[name]]),
  ),
);

/** The parts of an expression that name a metric, each with the labels it asks for. */
function selectors(expr: string): { metric: string; labels: string[] }[] {
  return [...expr.matchAll(/\b(darkroom_[a-z_]+)(?:\{([^}]*)\})?/g)].map(([, metric, inner = '']) => ({
    metric: metric!,
    labels: [...inner.matchAll(/(\w+)\s*(?:=~|!~|!=|=)/g)].map(([, label]) => label!),
  }));
}

describe('metrics', () => {
  it.each(Object.entries(catalog))(
    '%s is named as Prometheus wants it',
    (name, { type, help, labels, buckets }) => {
      expect(name).toMatch(/^darkroom_[a-z]+(_[a-z]+)*$/);
      expect(name.endsWith('_total'), 'counters, and they alone, end in _total').toBe(type === 'counter');
      expect(help).toMatch(/\.$/);
      expect(labels.length).toBeLessThan(4);
      if (type === 'histogram') {
        expect(name).toMatch(/_seconds$/);
        expect(buckets).toEqual([...buckets!].sort((a, b) => a - b));
      }
    },
  );

  it('are all in docs/metrics.md, as the catalog tells of them', async () => {
    const rows = (await readText('docs/metrics.md'))
      .split('\n')
      .filter((line) => line.startsWith('| `darkroom_'))
      .map((line) => line.split(' | ').map((cell) => cell.replace(/^\| | \|$/g, '').trim()));
    expect(rows).toEqual(
      Object.entries(catalog).map(([name, { type, labels, scope, of, help }]) => [
        `\`${name}\``,
        type,
        labels.map((label) => `\`${label}\``).join(' '),
        scope,
        of.join(', '),
        help,
      ]),
    );
  });
});

describe('what operators are given', () => {
  it('uses only metrics that exist, with labels that they have', async () => {
    const deployed = await readDeployed();
    expect(deployed.length).toBeGreaterThan(50);
    for (const { where, expr } of deployed) {
      for (const { metric, labels } of selectors(expr)) {
        expect([...exposed.keys()], where).toContain(metric);
        expect([...exposed.get(metric)!.labels, 'le', 'instance', 'job'], where).toEqual(
          expect.arrayContaining(labels),
        );
      }
    }
  });

  it('adds up what belongs to a process, and not what every process shows alike', async () => {
    for (const { where, expr } of await readDeployed()) {
      for (const metric of metricsIn(expr).filter((name) => exposed.get(name)!.scope === 'system')) {
        const at = expr.indexOf(metric);
        expect(expr.slice(0, at), `${where}: max over ${metric}`).toMatch(
          /\bmax( by \([^)]*\))? ?\([^()]*\(?$/,
        );
      }
    }
  });

  it('shows every metric on the dashboard', async () => {
    const text = JSON.stringify(await readDashboard());
    const hidden = (Object.keys(catalog) as MetricName[]).filter((name) => !text.includes(name));
    expect(hidden).toEqual(['darkroom_start_time_seconds']);
  });

  it('is a dashboard that Grafana takes: unique ids, no overlap, a data source that is provisioned', async () => {
    const { panels } = await readDashboard();
    expect(new Set(panels.map(({ id }: any) => id)).size).toBe(panels.length);
    const taken = new Set<string>();
    for (const { gridPos: at, title } of panels) {
      expect(at.x + at.w, title).toBeLessThanOrEqual(24);
      for (let x = at.x; x < at.x + at.w; x += 1) {
        for (let y = at.y; y < at.y + at.h; y += 1) {
          expect(taken.has(`${x} ${y}`), title).toBe(false);
          taken.add(`${x} ${y}`);
        }
      }
    }
    const { datasources } = parse(await readText('deploy/grafana/provisioning/datasources/prometheus.yml'));
    const uids = datasources.map(({ uid }: any) => uid);
    for (const { type, datasource, title } of panels) {
      if (type !== 'row') expect(uids, title).toContain(datasource.uid);
    }
    const { providers } = parse(await readText('deploy/grafana/provisioning/dashboards/darkroom.yml'));
    expect(providers[0].options.path).toBe('/var/lib/grafana/dashboards');
  });

  it('is scraped: API and workers, and the alerts are read', async () => {
    const config = parse(await readText('deploy/prometheus/prometheus.yml'));
    expect(config.rule_files).toEqual(['alerts.yml']);
    expect(config.scrape_configs.map(({ job_name }: any) => job_name)).toEqual([
      'darkroom-api',
      'darkroom-worker',
    ]);
  });
});

describe('alerts', async () => {
  const alerts = await readAlerts();
  const runbook = await readText('docs/runbook.md');
  const sections = new Map(
    runbook
      .split(/^## /m)
      .slice(1)
      .map((section) => [section.split('\n')[0]!.trim(), section] as const),
  );

  it('are named once', () => {
    expect(new Set(alerts.map(({ alert }) => alert)).size).toBe(alerts.length);
  });

  it.each(alerts.map((alert) => [alert.alert, alert] as const))(
    '%s has its section in the runbook, with what users see, where to look and what to do',
    (name, { annotations, labels, expr }: AlertRule) => {
      expect(annotations.runbook_url).toBe(`docs/runbook.md#${name.toLowerCase()}`);
      expect(annotations.summary && annotations.description).toBeTruthy();
      expect(['critical', 'warning']).toContain(labels.severity);
      expect(expr.split('(').length).toBe(expr.split(')').length);
      const section = sections.get(name);
      expect(section, 'a section').toBeDefined();
      for (const part of ['**Means.**', '**Users see.**', '**Look.**', '**Do.**'])
        expect(section).toContain(part);
      expect(section).toContain('npm run ops -- ');
    },
  );

  it('tell of a share only where there is more than a handful', () => {
    const shares = alerts.filter(({ expr }) => / \/ /.test(expr.replaceAll('\n', ' ')));
    expect(shares.map(({ alert }) => alert)).toEqual([
      'JobErrorBudget',
      'JobErrorBudgetSlow',
      'ApiErrorBudget',
    ]);
    for (const { alert, expr } of shares) expect(expr, alert).toMatch(/and\s+sum\(.*increase\(.* >= \d+\s*$/);
  });

  it('count a breaker that tries out its model as one that is not closed', () => {
    for (const { alert, expr } of alerts.filter(({ expr }) => expr.includes('darkroom_breaker_state'))) {
      expect(expr, alert).toContain('state=~"open|half_open"');
      // One that nobody asks for stays half open.
      expect(expr, alert).toContain('max_over_time(darkroom_breaker_state{state="open"}[4m])');
    }
  });

  it('have no section in the runbook that no alert leads to', () => {
    const led = new Set(alerts.map(({ alert }) => alert));
    expect([...sections.keys()].filter((name) => /^[A-Z][a-z]+[A-Z]/.test(name) && !led.has(name))).toEqual(
      [],
    );
  });
});
