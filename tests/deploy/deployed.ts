import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { parse } from 'yaml';

const root = path.resolve(import.meta.dirname, '../..');

export interface AlertRule {
  alert: string;
  expr: string;
  for?: string;
  labels: { severity: string };
  annotations: { summary: string; description: string; runbook_url: string };
}

/** Every expression of the dashboard and of the alerts, with the metrics it names. */
export async function readDeployed(): Promise<{ where: string; expr: string; metrics: string[] }[]> {
  const alerts = (await readAlerts()).map(({ alert, expr }) => ({ where: `alert ${alert}`, expr }));
  const panels = (await readPanels()).flatMap(({ title, targets = [] }) =>
    targets.map(({ expr }) => ({ where: `panel ${title}`, expr })),
  );
  return [...alerts, ...panels].map((one) => ({ ...one, metrics: metricsIn(one.expr) }));
}

export async function readAlerts(): Promise<AlertRule[]> {
  const { groups } = parse(await readText('deploy/prometheus/alerts.yml'));
  return groups.flatMap(({ rules }: { rules: AlertRule[] }) => rules);
}

export async function readDashboard(): Promise<any> {
  return JSON.parse(await readText('deploy/grafana/dashboards/darkroom.json'));
}

export async function readPanels(): Promise<{ title: string; type: string; targets?: { expr: string }[] }[]> {
  return (await readDashboard()).panels;
}

export function metricsIn(expr: string): string[] {
  return [...new Set(expr.match(/\bdarkroom_[a-z_]+/g) ?? [])];
}

export function readText(file: string): Promise<string> {
  return readFile(path.join(root, file), 'utf8');
}
