import type { FactName } from '@darkroom/core/runtime/log/events';
import type { FactFields, Log } from '@darkroom/core/runtime/log/log';
import { StorageUnavailable } from '@darkroom/core/storage/storage';
import { DatabaseUnavailable, DomainError } from '@darkroom/db/errors';
import { ProblemError } from './problem.ts';

/** Logs an error that ended a request, unless the client caused it. */
export function logError(log: Log, error: unknown, fields: FactFields): void {
  if (error instanceof ProblemError) return;
  if (error instanceof DomainError && error.code !== 'worker_unknown') return;
  log.fact(factOf(error), { ...fields, error });
}

function factOf(error: unknown): FactName {
  if (error instanceof DatabaseUnavailable) return 'database_unavailable';
  if (error instanceof StorageUnavailable) return 'storage_unavailable';
  return 'unexpected_error';
}
