import type { FactName } from './events.ts';
import { createFactLog, type FactFields, type Log } from './log.ts';

export interface RecordedFact {
  name: FactName;
  fields: FactFields;
}

/** A log that keeps its facts, oldest first, instead of writing them. For tests. */
export function createRecordedLog(): Log & { readonly told: readonly RecordedFact[] } {
  const told: RecordedFact[] = [];
  return { ...createFactLog((name, fields) => void told.push({ name, fields })), told };
}
