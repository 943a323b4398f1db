import type { StorageStep } from '@darkroom/core/storage/inspect';
import { type Check, error, type Finding, skipped } from '../check.ts';
import type { Probes } from '../probes.ts';

/** R2 works: a test object is written, read, fetched from the public URL and removed. */
export function storage({ environment, storage: ask }: Probes): Check {
  return {
    name: 'storage',
    async run() {
      const probe = await ask();
      if (probe === null) return skipped('a variable of R2 is missing');
      const { R2_BUCKET_NAME: bucket = '' } = environment.values;
      const { steps } = probe.answer;
      const findings = steps.map((step) => findingOf(step, bucket)).filter((finding) => finding !== null);
      return {
        findings,
        seen: steps.map((step) => (step.step === 'cors' ? `cors ${step.origin}` : step.step)).join(', '),
      };
    },
  };
}

function findingOf(step: StorageStep, bucket: string): Finding | null {
  switch (step.step) {
    case 'write':
    case 'read':
    case 'remove':
      return step.error && refusal(step.step, step.error, bucket);
    case 'public':
      if (step.answer === 'served') return null;
      return error(
        'R2_PUBLIC_URL',
        step.answer === 'wrong'
          ? `does not serve the objects of the bucket (${step.url}: ${step.detail})`
          : `cannot be reached (${step.url}: ${step.detail})`,
        `Set it to the custom domain or r2.dev address of bucket ${bucket}, and allow public access to it (Cloudflare, R2, ${bucket}, Settings)`,
      );
    case 'cors':
      if (step.allowed) return null;
      return error(
        'R2_BUCKET_NAME',
        `does not let pages of ${step.origin} upload (CORS)`,
        `Add a CORS rule to bucket ${bucket}: origin ${step.origin}, methods GET and PUT, header content-type (Cloudflare, R2, ${bucket}, Settings)`,
      );
  }
}

function refusal(step: 'write' | 'read' | 'remove', problem: Error, bucket: string): Finding {
  const cause = problem.cause instanceof Error ? problem.cause : problem;
  const doing = `an object could not be ${{ write: 'written', read: 'read', remove: 'removed' }[step]}`;
  switch (cause.name) {
    case 'NoSuchBucket':
      return error(
        'R2_BUCKET_NAME',
        `names a bucket that does not exist: ${bucket}`,
        `Create bucket ${bucket} (Cloudflare, R2, Create bucket), or set it to an existing one`,
      );
    case 'InvalidAccessKeyId':
    case 'Unauthorized':
      return error(
        'R2_ACCESS_KEY_ID',
        `is unknown at R2_ENDPOINT (${cause.name})`,
        'Create an API token with Object Read & Write and copy both of its keys (Cloudflare, R2, Manage API tokens)',
      );
    case 'SignatureDoesNotMatch':
      return error(
        'R2_SECRET_ACCESS_KEY',
        'does not belong to R2_ACCESS_KEY_ID',
        'Copy both keys from the same API token (Cloudflare, R2, Manage API tokens)',
      );
    case 'RequestTimeTooSkewed':
      return error(
        'clock',
        'of this machine differs from R2’s by more than 15 minutes',
        'Turn on time synchronisation, such as timedatectl set-ntp true',
      );
    case 'AccessDenied':
      return error(
        'R2_ACCESS_KEY_ID',
        `${doing}: the token lacks the permission in bucket ${bucket}`,
        `Give the API token Object Read & Write for bucket ${bucket} (Cloudflare, R2, Manage API tokens)`,
      );
    default:
      return error(
        'R2_ENDPOINT',
        `${doing} (${problem.message})`,
        'Check the address, https://<account>.r2.cloudflarestorage.com, and outbound network access',
      );
  }
}
