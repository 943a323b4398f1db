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

/** The metrics of one process. Values for metrics of another process are ignored. */
export interface Metrics {
  add<Name extends MetricOf<'counter'>>(name: Name, labels: LabelsOf<Name>, by?: number): void;
  observe<Name extends MetricOf<'histogram'>>(name: Name, labels: LabelsOf<Name>, value: number): void;
  /** Replaces all values of a metric. An empty list removes it from the output. */
  replace<Name extends MetricOf<'gauge' | 'counter'>>(name: Name, samples: readonly Sample<Name>[]): void;
  /** Registers a function to run before each scrape, concurrently with the others. Its errors are ignored. */
  beforeScrape(fill: () => void | Promise<void>): void;
  /** Returns all metrics in the Prometheus text format. */
  scrape(): Promise<{ contentType: string; text: string }>;
}

/** Maximum number of values per label of a metric. Further values become `other`. */
const maxValues = 100;

/**
 * Creates the metrics of one process, with their own registry.
 * @param options.models the configured models; any other model is shown as `other`
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
      // After a reset, a metric without labels would be shown as 0.
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

/** Limits the number of values of each label. */
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
