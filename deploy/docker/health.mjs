/**
 * Exit code 0 when the process in this container is healthy: node deploy/docker/health.mjs [live|ready] [port].
 * Without a port it tries the API's and the worker's.
 */
const [question = 'live', port] = process.argv.slice(2);
const ports = port ? [port] : [process.env.PORT ?? '8080', process.env.METRICS_PORT ?? '9464'];

const answers = await Promise.all(
  ports.map((one) =>
    fetch(`http://127.0.0.1:${one}/health/${question}`, { signal: AbortSignal.timeout(2_500) }).then(
      ({ ok }) => ok,
      () => false,
    ),
  ),
);
process.exit(answers.includes(true) ? 0 : 1);
