import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { composeAnswer, type Painted } from './answer.ts';
import { applyFault, refusalOf } from './apply-fault.ts';
import type { RecordedCall } from './calls.ts';
import { damageImage } from './damage-image.ts';
import { withoutDirectives } from './directives.ts';
import type { Fault } from './faults.ts';
import type { LocalModel } from './models.ts';
import type { Painter } from './painter.ts';
import { readRequest } from './request.ts';

export interface GenerateDeps {
  painter: Painter;
  /** The delay before an answer, in milliseconds. */
  latencyMs: () => number;
  take(model: string, prompt: string): Fault[];
}

/**
 * Serves one call of generateContent: waits, applies faults, paints and answers.
 * @throws GoogleError when the call is refused; the signal's reason when the client has disconnected.
 */
export async function generate(
  call: { model: LocalModel; version: string; body: Buffer; response: ServerResponse; record: RecordedCall },
  deps: GenerateDeps,
  signal: AbortSignal,
): Promise<void> {
  const { model, version, record, response } = call;
  const request = readRequest(call.body, model);
  const { prompt, aspectRatio, imageSize, images } = request;
  const faults = deps.take(model.id, prompt);
  Object.assign(record, {
    prompt,
    aspectRatio,
    imageSize,
    images: images.length,
    faults: faults.map((one) => one.kind),
  });

  const waits = faults.flatMap((one) => (one.kind === 'latency' ? one.ms : []));
  await sleep(
    waits.reduce((sum, ms) => sum + ms, deps.latencyMs()),
    undefined,
    { signal },
  );

  const fault = faults.find((one) => one.kind !== 'latency') ?? null;
  const refusal = fault && refusalOf(fault, model.id, version);
  if (refusal) throw refusal;
  if (fault && applyFault(fault, response)) return;

  const painted = withoutImage(fault) || !request.wantsImage ? null : await paint();
  signal.throwIfAborted();
  const json = JSON.stringify(composeAnswer({ model, request, painted, fault }));
  response.writeHead(200, { 'content-type': 'application/json; charset=UTF-8' });
  response.end(fault?.kind === 'broken_json' ? json.slice(0, json.length / 2) : json);

  async function paint(): Promise<Painted> {
    const image = await deps.painter.paint({
      prompt: withoutDirectives(prompt),
      aspectRatio,
      imageSize,
      seed: request.seed,
      images: images.map((one) => one.bytes),
      model,
    });
    return await damageImage(image, fault);
  }
}

/** Whether the answer has no image. */
function withoutImage(fault: Fault | null): boolean {
  return fault !== null && /^(blocked|finish|text_only|no_candidates|only_thoughts)$/.test(fault.kind);
}
