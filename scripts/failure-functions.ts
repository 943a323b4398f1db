import { failureCodes, failures, unpaidCodes } from '@darkroom/core/job/failure';

/** The functions that tell the database what the failure table says, by their path. Written by `npm run schema`. */
export function failureFunctions(): Record<string, string> {
  return {
    'migrations/functions/failures/failure_message.sql': `-- What the user reads of a job that ended with this code; null for an unknown code.

-- Written from packages/core/src/job/failure.ts by \`npm run schema\`.
create or replace function darkroom.failure_message(p_code text) returns text
language sql immutable set search_path = '' as $$
  select case p_code
${failureCodes.map((code) => `    when ${quote(code)} then ${quote(failures[code].message)}`).join('\n')}
  end;
$$;

revoke all on function darkroom.failure_message from public, anon, authenticated;
`,
    'migrations/functions/failures/call_is_unpaid.sql': `-- Whether a model call that ended with this code cost nothing, because the service rejected it.

-- Written from packages/core/src/job/failure.ts by \`npm run schema\`.
create or replace function darkroom.call_is_unpaid(p_code text) returns boolean
language sql immutable set search_path = '' as $$
  select p_code in (${unpaidCodes.map(quote).join(', ')});
$$;

revoke all on function darkroom.call_is_unpaid from public, anon, authenticated;
`,
  };
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
