import type { IncomingMessage, ServerResponse } from 'node:http';
import { json } from 'node:stream/consumers';
import { ZodError } from 'zod';
import type { StorageFault, StorageFaults } from './faults.ts';

/** The header with the secret access key. */
export const FAULT_HEADER = 'x-fault-secret';

/** Lets other processes set faults: `POST` adds a rule, `GET` lists them, `DELETE` clears them. */
export async function serveFaults(
  request: IncomingMessage,
  response: ServerResponse,
  deps: { faults: StorageFaults; secret: string },
): Promise<void> {
  if (request.headers[FAULT_HEADER] !== deps.secret) return void response.writeHead(403).end();
  try {
    if (request.method === 'POST') deps.faults.add((await json(request)) as StorageFault);
    if (request.method === 'DELETE') deps.faults.clear();
    const body = JSON.stringify({ faults: deps.faults.list() });
    response.writeHead(200, { 'content-type': 'application/json' }).end(body);
  } catch (error) {
    const detail = error instanceof ZodError ? error.issues : String(error);
    response.writeHead(400, { 'content-type': 'application/json' }).end(JSON.stringify({ error: detail }));
  }
}
