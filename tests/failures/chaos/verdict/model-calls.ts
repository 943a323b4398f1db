import type { CallTally } from './call-tally.ts';
import type { JobRow } from './rows.ts';

/** No job has had more paid calls than allowed, and no call was sent that had not been counted before. */
export function judgeModelCalls(rows: readonly JobRow[], tally: CallTally, maxModelCalls: number): string[] {
  return rows.flatMap(({ id, tag, model_calls, logged_calls }) => {
    const seen = tally.of(tag);
    return [
      ...(model_calls <= maxModelCalls ? [] : [`job ${id} was counted ${model_calls} model calls`]),
      ...(seen.paid <= model_calls
        ? []
        : [`job ${id}: ${seen.paid} paid calls arrived, ${model_calls} were counted`]),
      ...(seen.all <= logged_calls
        ? []
        : [`job ${id}: ${seen.all} calls arrived, ${logged_calls} were logged`]),
    ];
  });
}
