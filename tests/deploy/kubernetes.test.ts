import { readdirSync } from 'node:fs';
import path from 'node:path';
import { variables } from '@darkroom/core/runtime/config/variables';
import { expect, test } from 'vitest';
import { read, readManifests, readYaml, root, toMs } from './files.ts';

const folder = 'deploy/kubernetes';
const migrateFolder = `${folder}/migrate`;
const manifests = [...readManifests(folder), ...readManifests(migrateFolder)];
const find = (kind: string, name: string) => {
  const found = manifests.find((one) => one.kind === kind && one.metadata.name === name);
  if (!found) throw new Error(`there is no ${kind} ${name}`);
  return found;
};
const config: Record<string, string> = find('ConfigMap', 'darkroom').data;
const configured = { configMapRef: { name: 'darkroom' } };
const workloads = manifests.filter(({ kind }) => kind === 'Deployment' || kind === 'Job');

test.each([folder, migrateFolder])('the kustomization of %s names every file', (folder) => {
  const files = readdirSync(path.join(root, folder)).filter((name) => name.endsWith('.yaml'));
  const { resources } = readYaml(`${folder}/kustomization.yaml`);
  expect([...resources, 'kustomization.yaml'].sort()).toEqual(files.sort());
});

test('what is applied again with every release holds no Job, which could not be changed', () => {
  expect(readManifests(folder).map(({ kind }) => kind)).not.toContain('Job');
  const guide = read('docs/deploy.md');
  const steps = [
    'kubectl -n darkroom delete job migrate --ignore-not-found',
    'kubectl apply -k migrate',
    'kubectl -n darkroom wait --for=condition=complete',
    'kubectl apply -k .',
  ].map((step) => guide.indexOf(step));
  expect(steps).not.toContain(-1);
  expect(steps).toEqual(steps.toSorted((one, other) => one - other));
});

test('no process starts before the migrations of its image are there', () => {
  for (const name of ['api', 'worker']) {
    const { initContainers, containers } = find('Deployment', name).spec.template.spec;
    expect(initContainers).toHaveLength(1);
    const { image, securityContext, envFrom } = containers[0];
    expect(initContainers[0]).toMatchObject({ image, securityContext, envFrom, args: ['migrate', '--wait'] });
  }
});

test('every manifest says what it is', () => {
  for (const one of manifests) {
    expect(one.apiVersion, JSON.stringify(one)).toMatch(/^([\w.]+\/)?v\d/);
    expect(one.metadata.name).toMatch(/^[a-z-]+$/);
  }
  expect(workloads.map(({ metadata }) => metadata.name).sort()).toEqual(['api', 'migrate', 'worker']);
});

test('every variable that is set is one that the product reads, with a value that it takes', () => {
  for (const [name, value] of Object.entries(config)) {
    expect(variables, name).toHaveProperty(name);
    expect(typeof value, name).toBe('string');
    expect(variables[name as keyof typeof variables].kind.safeParse(value).success, `${name}=${value}`).toBe(
      true,
    );
  }
});

test('every process runs as an ordinary user on a file system that it cannot write', () => {
  for (const { metadata, spec } of workloads) {
    const { securityContext, automountServiceAccountToken, containers, volumes } = spec.template.spec;
    expect(securityContext, metadata.name).toMatchObject({
      runAsNonRoot: true,
      runAsUser: 1000,
      seccompProfile: { type: 'RuntimeDefault' },
    });
    expect(automountServiceAccountToken).toBe(false);
    expect(containers).toHaveLength(1);
    expect(containers[0]).toMatchObject({
      image: 'darkroom',
      args: [metadata.name],
      securityContext: {
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      },
      envFrom: [{ secretRef: { name: 'darkroom' } }, ...(metadata.name === 'migrate' ? [] : [configured])],
      volumeMounts: [{ name: 'tmp', mountPath: '/tmp' }],
    });
    expect(containers[0].resources.limits.memory).toBeDefined();
    expect(volumes).toEqual([{ name: 'tmp', emptyDir: {} }]);
  }
});

test('each is asked on the port it listens on, and whether it is ready apart from whether it lives', () => {
  for (const [name, variable] of [
    ['api', 'PORT'],
    ['worker', 'METRICS_PORT'],
  ] as const) {
    const [container] = find('Deployment', name).spec.template.spec.containers;
    const [port] = container.ports;
    expect(String(port.containerPort)).toBe(config[variable]);
    expect(container.readinessProbe.httpGet).toEqual({ path: '/health/ready', port: port.name });
    expect(container.livenessProbe.httpGet).toEqual({ path: '/health/live', port: port.name });
  }
  const service = find('Service', 'api');
  expect(service.spec.selector).toEqual(find('Deployment', 'api').spec.selector.matchLabels);
  expect(service.spec.ports[0].targetPort).toBe('http');
});

test('a pod is given longer to end than its process takes: a job in hand, or a drained balancer and its requests', () => {
  const graceMs = toMs(config.SHUTDOWN_GRACE!);
  expect(graceMs).toBeGreaterThan(toMs(config.MODEL_TIMEOUT!));
  const worker = find('Deployment', 'worker').spec.template.spec;
  expect(worker.terminationGracePeriodSeconds * 1_000).toBeGreaterThan(graceMs + 2_500);

  const api = find('Deployment', 'api').spec.template.spec;
  const drainMs = toMs(config.DRAIN_DELAY!);
  expect(api.terminationGracePeriodSeconds * 1_000).toBeGreaterThanOrEqual(drainMs + 15_000);
  const { periodSeconds, timeoutSeconds, failureThreshold } = api.containers[0].readinessProbe;
  expect(drainMs).toBeGreaterThan((periodSeconds + timeoutSeconds) * failureThreshold * 1_000);
});

test('a deploy takes no API away before another is ready', () => {
  const { strategy } = find('Deployment', 'api').spec;
  expect(strategy.rollingUpdate).toEqual({ maxUnavailable: 0, maxSurge: 1 });
});

test('what moves pods about leaves some of each', () => {
  for (const name of ['api', 'worker']) {
    const { spec } = find('PodDisruptionBudget', name);
    expect(spec.selector.matchLabels).toEqual(find('Deployment', name).spec.selector.matchLabels);
  }
  expect(find('HorizontalPodAutoscaler', 'api').spec.minReplicas).toBeGreaterThan(1);
});

test('workers are scaled by the age of the oldest job that waits, and their number is nobody else’s', () => {
  const { spec } = find('ScaledObject', 'worker');
  expect(spec.scaleTargetRef.name).toBe('worker');
  expect(spec.triggers[0]).toMatchObject({
    type: 'prometheus',
    metricType: 'Value',
    metadata: { query: 'max(darkroom_oldest_pending_age_seconds)' },
  });
  for (const { metadata } of spec.triggers) {
    expect(typeof metadata.threshold).toBe('string');
    // No answer is not the same as no work.
    expect(metadata.ignoreNullValues).toBe('false');
  }
  for (const name of ['api', 'worker']) expect(find('Deployment', name).spec).not.toHaveProperty('replicas');
});

test('the work in hand a worker is kept under what it runs at once', () => {
  const busy = find('ScaledObject', 'worker').spec.triggers[1];
  expect(busy.metricType).toBe('AverageValue');
  expect(Number(busy.metadata.threshold)).toBeLessThan(Number(variables.WORKER_CONCURRENCY.default));
});

test('each policy of the network is about a process that there is, on the port it listens on', () => {
  for (const { metadata, spec } of manifests.filter(({ kind }) => kind === 'NetworkPolicy')) {
    const workload = workloads.find((one) => one.metadata.name === metadata.name)!;
    expect(spec.podSelector.matchLabels).toEqual(workload.spec.template.metadata.labels);
    const ports = (spec.ingress ?? []).flatMap((rule: any) => rule.ports.map((one: any) => one.port));
    const listens = (workload.spec.template.spec.containers[0].ports ?? []).map(
      (one: any) => one.containerPort,
    );
    expect(ports).toEqual(listens);
  }
});
