import type { FactName } from './events.ts';
import { describing, type FactFields, type Log } from './log.ts';

export interface RecordedFact {
  name: FactName;
  fields: FactFields;
}

/** A log that keeps what it is told instead of writing it, oldest first. For tests. */
export function createRecordedLog(): Log & { readonly told: readonly RecordedFact[] } {
  const told: RecordedFact[] = [];
  return { ...describing((name, fields) => void told.push({ name, fields })), told };
}
