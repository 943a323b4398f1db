import { openQueueControl, type QueueControl } from '@darkroom/core/queue/control';
import type { Tools } from '../cli/command.ts';

/** Opens the queue for pausing, resuming and inspecting; it is closed when the command ends. */
export async function openControl({ queueUrl, log, onExit }: Tools): Promise<QueueControl> {
  const control = await openQueueControl({ url: queueUrl(), log });
  onExit(() => control.close());
  return control;
}
