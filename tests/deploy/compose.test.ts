import { existsSync } from 'node:fs';
import path from 'node:path';
import { variables } from '@darkroom/core/runtime/config/variables';
import { expect, test } from 'vitest';
import { byDefault, read, readYaml, root, toMs } from './files.ts';

const compose = readYaml('docker-compose.yml');
const services: Record<string, any> = compose.services;
/** One process each, as many as are asked for. */
const scaled = ['api', 'worker'];
const oneShot = ['migrate', 'demo'];
/** Read by the local stack, which is no part of the product. */
const ofTheStack = /^(STAND_INS_|DEMO_)/;

test('the services are those that the documents name, and the profiles hold what is optional', () => {
  const profiles = Object.fromEntries(
    Object.entries(services).map(([name, { profiles }]) => [name, profiles]),
  );
  expect(profiles).toEqual({
    redis: undefined,
    migrate: undefined,
    api: undefined,
    worker: undefined,
    local: ['local'],
    demo: ['local'],
    prometheus: ['observability'],
    grafana: ['observability'],
  });
});

test('every image can be named by a variable', () => {
  for (const [name, { image }] of Object.entries(services))
    expect(image, name).toMatch(/^\$\{\w+_IMAGE:-.+\}$/);
  expect(services.api.build.args.NODE_IMAGE).toMatch(/^\$\{NODE_IMAGE:-node:24/);
});

test('Redis writes every delivery to disk and throws none away', () => {
  const command = services.redis.command.join(' ');
  expect(command).toContain('--appendonly yes');
  expect(command).toContain('--maxmemory-policy noeviction');
  expect(services.redis.volumes).toContain('redis:/data');
});

test('what is scaled has no name and no port that a second one would find taken', () => {
  for (const name of scaled) {
    expect(services[name]).not.toHaveProperty('container_name');
    for (const port of services[name].ports ?? []) expect(port).toMatch(/^\$\{\w+:-\d+\}:\d+$/);
  }
  expect(services.worker.ports).toBeUndefined();
});

test('a worker is given longer to end than a job in hand may take, and the API longer than it drains', () => {
  const modelTimeoutMs = toMs(variables.MODEL_TIMEOUT.default);
  const graceMs = toMs(byDefault(services.worker.environment.SHUTDOWN_GRACE));
  expect(graceMs).toBeGreaterThan(modelTimeoutMs);
  expect(toMs(services.worker.stop_grace_period)).toBeGreaterThan(graceMs + 2_500);
  const drainMs = toMs(byDefault(services.api.environment.DRAIN_DELAY));
  expect(drainMs).toBeGreaterThan(toMs(services.api.healthcheck.interval) - 1);
  expect(toMs(services.api.stop_grace_period)).toBeGreaterThan(drainMs + 15_000);
});

test('every process of ours runs without privileges on a file system that it cannot write', () => {
  const ours = Object.entries(services).filter(([, { image }]) => image.includes('DARKROOM'));
  expect(ours.map(([name]) => name)).toEqual(['migrate', 'api', 'worker', 'local', 'demo']);
  for (const [name, service] of ours) {
    expect(service, name).toMatchObject({ read_only: true, cap_drop: ['ALL'], init: true, tmpfs: ['/tmp'] });
    expect(service.security_opt, name).toContain('no-new-privileges:true');
    expect(service, name).not.toHaveProperty('user');
    expect(service, name).not.toHaveProperty('privileged');
  }
});

test('what runs on is watched and started again; what runs once is neither', () => {
  for (const [name, { healthcheck, restart }] of Object.entries(services)) {
    expect(restart, name).toBe(oneShot.includes(name) ? 'no' : 'unless-stopped');
    if (oneShot.includes(name)) expect(healthcheck, name).toEqual({ disable: true });
    else if (!services[name].profiles?.includes('observability'))
      expect(healthcheck?.test, name).toBeDefined();
  }
});

test('the product starts after the migrations, and what a service waits for can be waited for', () => {
  for (const name of scaled) {
    expect(services[name].depends_on.migrate).toEqual({ condition: 'service_completed_successfully' });
  }
  for (const [name, { depends_on = {} }] of Object.entries(services)) {
    for (const [other, wait] of Object.entries<any>(Array.isArray(depends_on) ? {} : depends_on)) {
      expect(services, `${name} waits for ${other}`).toHaveProperty(other);
      if (wait.condition === 'service_healthy') expect(services[other].healthcheck.test).toBeDefined();
      // A profile that is off must not keep the rest from starting.
      if (services[other].profiles && !services[name].profiles) expect(wait.required).toBe(false);
    }
  }
});

test('every variable that is set is one that the product reads', () => {
  const ours = ['migrate', 'api', 'worker', 'local', 'demo'];
  const set = ours.flatMap((name) => Object.keys(services[name].environment ?? {}));
  const known = Object.keys(variables);
  expect(set.filter((name) => !known.includes(name) && !ofTheStack.test(name))).toEqual([]);
});

test('every volume that is mounted is declared, and every file is there', () => {
  const mounts = Object.values(services).flatMap(({ volumes = [] }) => volumes as string[]);
  for (const [source = ''] of mounts.map((mount) => mount.split(':'))) {
    if (!source.startsWith('.')) expect(compose.volumes, source).toHaveProperty(source);
    else expect(existsSync(path.join(root, source)), source).toBe(true);
  }
});

test('the image runs as an ordinary user, node itself, and every folder it copies is let in', () => {
  const dockerfile = read('Dockerfile');
  const users = [...dockerfile.matchAll(/^USER (.*)$/gm)].map(([, user]) => user);
  expect(users.at(-1)).toBe('1000:1000');
  expect(dockerfile).toMatch(/^ENTRYPOINT \["node", /m);
  expect(dockerfile).toMatch(/^HEALTHCHECK .*\["node", /m);
  expect(dockerfile).toContain('LD_PRELOAD=/usr/local/lib/libjemalloc.so.2');
  expect(dockerfile).toMatch(/^ARG NODE_IMAGE=/m);
  const allowed = read('.dockerignore')
    .split('\n')
    .filter((line) => line.startsWith('!'))
    .map((line) => line.slice(1));
  const copied = [...dockerfile.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, from = '']) =>
    from.split(' '),
  );
  for (const source of copied) {
    expect(existsSync(path.join(root, source)), source).toBe(true);
    expect(
      allowed.some((entry) => source === entry || source.startsWith(`${entry}/`)),
      source,
    ).toBe(true);
  }
});
