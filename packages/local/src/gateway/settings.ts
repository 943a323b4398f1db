import type { Identity, Role } from './authenticate.ts';
import type { RoleSettings } from './catalog.ts';
import type { RestRequest } from './request.ts';

/** The statement timeout of each role on Supabase, unless `alter role … set` changes it. */
const STATEMENT_TIMEOUT: Record<Role, string> = { anon: '3s', authenticated: '8s', service_role: '8s' };

/** The settings for a request, applied before its statement. The role comes last, because it may set less. */
export function settingsOf(
  { role, claims }: Identity,
  request: Pick<RestRequest, 'method' | 'path' | 'headers'>,
  roleSettings: RoleSettings,
  statementTimeout: string | undefined,
): [name: string, value: string][] {
  const settings = new Map<string, string>([
    ['statement_timeout', STATEMENT_TIMEOUT[role]],
    ...roleSettings,
    ['search_path', 'public, extensions'],
    ['request.jwt.claims', claims],
    ['request.method', request.method],
    ['request.path', request.path],
    ['request.headers', JSON.stringify(request.headers)],
    ['role', role],
  ]);
  if (statementTimeout !== undefined) settings.set('statement_timeout', statementTimeout);
  return [...settings];
}
