import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import {
  catalog,
  type LabelsOf,
  type MetricEntry,
  type MetricName,
  type MetricOf,
  type MetricsProcess,
} from './catalog.ts';

/** One value of a metric with its labels. */
export interface Sample<Name extends MetricName> {
  labels: LabelsOf<Name>;
  value: number;
}

/** The metrics of one process. What belongs to another process is taken and left out. */
export interface Metrics {
  add<Name extends MetricOf<'counter'>>(name: Name, labels: LabelsOf<Name>, by?: number): void;
  observe<Name extends MetricOf<'histogram'>>(name: Name, labels: LabelsOf<Name>, value: number): void;
  /** Sets a metric to these values and no others; none takes it away. */
  replace<Name extends MetricOf<'gauge' | 'counter'>>(name: Name, samples: readonly Sample<Name>[]): void;
  /** Is called before each scrape, together with the others. What it throws is left aside. */
  beforeScrape(fill: () => void | Promise<void>): void;
  /** Everything in the text format of Prometheus. */
  scrape(): Promise<{ contentType: string; text: string }>;
}

/** No label takes more values than this; what comes later is `other`. */
const maxValues = 100;

/**
 * Creates the metrics of one process, with a registry of its own.
 * @param options.models the configured models; any other is shown as `other`
 */
export function createMetrics(options: { process: MetricsProcess; models: readonly string[] }): Metrics {
  const registry = new Registry();
  const fillers: (() => void | Promise<void>)[] = [];
  const bound = createBounds(options.models);
  const counters = new Map<string, Counter>();
  const gauges = new Map<string, Gauge>();
  const histograms = new Map<string, Histogram>();

  for (const [name, entry] of Object.entries(catalog) as [MetricName, MetricEntry][]) {
    if (!entry.of.includes(options.process)) continue;
    const { help, labels, buckets } = entry;
    const settings = { name, help, labelNames: [...labels], registers: [registry] };
    if (entry.type === 'counter') counters.set(name, new Counter(settings));
    else if (entry.type === 'gauge') gauges.set(name, new Gauge(settings));
    else histograms.set(name, new Histogram({ ...settings, ...(buckets && { buckets: [...buckets] }) }));
  }

  return {
    add(name, labels, by = 1) {
      counters.get(name)?.inc(bound(name, labels), by);
    },
    observe(name, labels, value) {
      histograms.get(name)?.observe(bound(name, labels), Math.max(0, value));
    },
    replace(name, samples) {
      const metric = gauges.get(name) ?? counters.get(name);
      if (!metric) return;
      metric.reset();
      // Without labels it would be shown as 0.
      if (samples.length === 0 && catalog[name].labels.length === 0) metric.remove();
      for (const { labels, value } of samples) metric.inc(bound(name, labels), value);
    },
    beforeScrape: (fill) => void fillers.push(fill),
    async scrape() {
      await Promise.allSettled(fillers.map(async (fill) => fill()));
      return { contentType: registry.contentType, text: await registry.metrics() };
    },
  };
}

/** Keeps the number of values of each label small, whatever it is given. */
function createBounds(models: readonly string[]) {
  const seen = new Map<string, Set<string>>([['model', new Set(models)]]);
  return (name: MetricName, labels: Record<string, string>): Record<string, string> =>
    Object.fromEntries(
      Object.entries(labels).map(([label, value]) => {
        if (label === 'model') return [label, models.includes(value) ? value : 'other'];
        const key = `${name} ${label}`;
        const values = seen.get(key) ?? new Set();
        seen.set(key, values);
        if (!values.has(value) && values.size >= maxValues) return [label, 'other'];
        values.add(value);
        return [label, value];
      }),
    );
}
