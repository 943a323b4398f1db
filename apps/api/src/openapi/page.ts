import { html, raw } from 'hono/html';
import type {
  DocumentedAnswer,
  DocumentedOperation,
  JsonSchema,
  OpenApiDocument,
  Parameter,
} from './document.ts';
import { style } from './style.ts';

type Markup = ReturnType<typeof html>;
interface Call extends DocumentedOperation {
  method: string;
  /** Null for a webhook delivery, which goes to the client's webhook_url. */
  path: string | null;
}

/** The document as one HTML page without scripts or external files. */
export function docsPage(document: OpenApiDocument): string {
  const { info, components } = document;
  const calls = callsOf(document);
  const byTag = document.tags.map(
    ({ name }) => [name, calls.filter(({ tags }) => tags.includes(name))] as const,
  );
  return String(html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${info.title}: the API</title>
<style>${raw(style)}</style>
</head>
<body>
<nav aria-label="Calls">
<a class="home" href="#top">${info.title}</a>
<details class="list"><summary>Calls and objects</summary>
${byTag.map(([tag, listed]) => html`<h2>${tag}</h2><ul>${listed.map(link)}</ul>`)}
<h2>Objects</h2>
<ul>${Object.keys(components.schemas).map((name) => html`<li><a href="#${name}">${name}</a></li>`)}</ul>
</details>
</nav>
<main id="top">
<h1>The API</h1>
<p>${info.description}</p>
<p>Every call below <code>/v1</code> needs <code>Authorization: Bearer &lt;Clerk session token&gt;</code>.
For machines: <a href="/openapi.json">openapi.json</a>.</p>
${byTag.map(([tag, listed]) => html`<h2>${tag}</h2>${listed.map(section)}`)}
<h2>Objects</h2>
${Object.entries(components.schemas).map(([name, schema]) => object(name, schema))}
</main>
</body>
</html>
`);
}

function callsOf({ paths, webhooks }: OpenApiDocument): Call[] {
  const called = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      ...operation,
      method: method.toUpperCase(),
      path,
    })),
  );
  const sent = Object.values(webhooks).map(({ post }) => ({ ...post, method: 'POST', path: null }));
  return [...called, ...sent];
}

function link({ operationId, summary }: Call): Markup {
  return html`<li><a href="#${operationId}">${summary}</a></li>`;
}

function section(call: Call): Markup {
  const { operationId, method, path, summary, description, parameters, requestBody, responses } = call;
  const bodySchema = requestBody?.content['application/json']?.schema;
  return html`<section id="${operationId}" aria-labelledby="${operationId}-title">
<h3 id="${operationId}-title">${summary}</h3>
<p class="call"><b class="${method.toLowerCase()}">${method}</b> <code>${path ?? 'your webhook_url'}</code></p>
${description ? html`<p>${description}</p>` : ''}
${parameters.length > 0 ? parameterTable(parameters) : ''}
${bodySchema ? html`<p>The body is a ${typeOf(bodySchema)}.</p>` : ''}
${pre(path === null ? requestBody?.content['application/json']?.example : curl({ ...call, path }), `Example: ${summary}`)}
<h4>${path === null ? 'Your response' : 'Responses'}</h4>
${Object.entries(responses).map(([status, answer]) => response(status, answer))}
</section>`;
}

function parameterTable(parameters: readonly Parameter[]): Markup {
  return html`<div class="table" tabindex="0" role="group" aria-label="Parameters"><table>
<thead><tr><th>parameter</th><th>in</th><th>type</th><th>description</th></tr></thead>
<tbody>${parameters.map(
    (parameter) => html`<tr><td><code>${parameter.name}</code></td><td>${parameter.in}</td>
<td>${typeOf(parameter.schema)}</td><td>${parameter.description ?? ''}</td></tr>`,
  )}</tbody></table></div>`;
}

function curl({ method, path, security, parameters, requestBody }: Call & { path: string }): string {
  const address = `"$API${path.replace('{id}', '0b9f8d2e-2f55-4a43-9d38-6a8f7d1f6c11')}"`;
  const key = parameters.find(({ name }) => name === 'Idempotency-Key');
  const example = requestBody?.content['application/json']?.example;
  return [
    `curl ${method === 'GET' ? '' : `-X ${method} `}${address}`,
    ...(security.length > 0 ? ['-H "Authorization: Bearer $TOKEN"'] : []),
    ...(key ? [`-H "Idempotency-Key: ${key.example}"`] : []),
    ...(requestBody ? ["-H 'Content-Type: application/json'", `-d '${JSON.stringify(example)}'`] : []),
  ].join(' \\\n  ');
}

function response(status: string, { description, headers, content = {} }: DocumentedAnswer): Markup {
  const named = Object.keys(headers ?? {});
  const bodies = Object.entries(content).flatMap(([type, { schema, example, examples }]) =>
    examples
      ? Object.entries(examples).map(([code, { value }]) => html`<h5>${code}</h5>${pre(value, code)}`)
      : [html`<p>${type}: ${typeOf(schema)}</p>${pre(example, `Example of ${status}`)}`],
  );
  if (named.length + bodies.length === 0) return html`<p class="bare"><b>${status}</b> ${description}</p>`;
  return html`<details><summary><b>${status}</b> ${description}</summary>
${named.length > 0 ? html`<p>Headers: ${named.join(', ')}.</p>` : ''}${bodies}</details>`;
}

function object(name: string, schema: JsonSchema): Markup {
  const properties = Object.entries((schema.properties ?? {}) as Record<string, JsonSchema>);
  const required = new Set((schema.required as string[] | undefined) ?? []);
  const rows = properties.map(
    ([field, property]) => html`<tr><td><code>${field}</code></td><td>${typeOf(property)}</td>
<td>${required.has(field) ? '' : 'Optional. '}${property.description ?? ''}</td></tr>`,
  );
  return html`<section id="${name}" aria-labelledby="${name}-title"><h3 id="${name}-title">${name}</h3>
${
  rows.length > 0
    ? html`<div class="table" tabindex="0" role="group" aria-label="Fields of ${name}"><table>
<thead><tr><th>field</th><th>type</th><th>description</th></tr></thead><tbody>${rows}</tbody></table></div>`
    : html`<p>${typeOf(schema)}</p>`
}</section>`;
}

/** A short description of a schema. */
function typeOf(schema: JsonSchema): Markup | string {
  const { $ref, anyOf, type, format, items, const: fixed } = schema;
  const values = schema.enum;
  if (typeof $ref === 'string') {
    const name = $ref.split('/').at(-1);
    return html`<a href="#${name}">${name}</a>`;
  }
  if (Array.isArray(anyOf)) {
    return html`${anyOf.map((option: JsonSchema, at) => html`${at > 0 ? ' or ' : ''}${typeOf(option)}`)}`;
  }
  if (Array.isArray(values)) return values.map((value) => JSON.stringify(value)).join(', ');
  if (fixed !== undefined) return JSON.stringify(fixed);
  if (type === 'array' && items) return html`list of ${typeOf(items as JsonSchema)}`;
  const words = Array.isArray(type) ? type.join(' or ') : String(type ?? 'any');
  return `${words}${typeof format === 'string' ? ` (${format})` : ''}${boundsOf(schema)}`;
}

function boundsOf({ minimum, maximum, maxLength }: JsonSchema): string {
  if (minimum !== undefined && maximum !== undefined) return `, ${minimum} to ${maximum}`;
  return maxLength === undefined ? '' : `, at most ${maxLength} characters`;
}

/** `tabindex` makes it scrollable by keyboard. */
function pre(value: unknown, label: string): Markup {
  const text = typeof value === 'string' ? value : JSON.stringify(value, null, 2);
  return html`<pre tabindex="0" role="group" aria-label="${label}"><code>${text}</code></pre>`;
}
