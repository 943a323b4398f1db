import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { composeAnswer, type Painted } from './answer.ts';
import type { RecordedCall } from './calls.ts';
import { withoutDirectives } from './directives.ts';
import type { Fault } from './faults.ts';
import { misbehave, refusalOf } from './misbehave.ts';
import type { LocalModel } from './models.ts';
import type { Painter } from './painter.ts';
import { readQuestion } from './question.ts';
import { tamper } from './tamper.ts';

export interface GenerateDeps {
  painter: Painter;
  /** The delay before an answer, in milliseconds. */
  latencyMs: () => number;
  strike(model: string, prompt: string): Fault[];
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
  const question = readQuestion(call.body, model);
  const { prompt, aspectRatio, imageSize, images } = question;
  const faults = deps.strike(model.id, prompt);
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
  if (fault && misbehave(fault, response)) return;

  const painted = withoutImage(fault) || !question.wantsImage ? null : await paint();
  signal.throwIfAborted();
  const json = JSON.stringify(composeAnswer({ model, question, painted, fault }));
  response.writeHead(200, { 'content-type': 'application/json; charset=UTF-8' });
  response.end(fault?.kind === 'broken_json' ? json.slice(0, json.length / 2) : json);

  async function paint(): Promise<Painted> {
    const image = await deps.painter.paint({
      prompt: withoutDirectives(prompt),
      aspectRatio,
      imageSize,
      seed: question.seed,
      images: images.map((one) => one.bytes),
      model,
    });
    return await tamper(image, fault);
  }
}

/** Whether the answer has no image. */
function withoutImage(fault: Fault | null): boolean {
  return fault !== null && /^(blocked|finish|text_only|no_candidates|only_thoughts)$/.test(fault.kind);
}
