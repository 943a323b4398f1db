import { jobRequest } from '@darkroom/core/job/request';
import { z } from 'zod';
import { newPrompt, promptChanges } from '../routes/prompts/fields.ts';
import { uploadRequest } from '../routes/uploads/create.ts';
import type { BodyName } from './examples.ts';

/** The request bodies: the schemas that the routes parse them with. */
export const bodies: Record<BodyName, z.ZodType> = {
  JobRequest: jobRequest,
  UploadRequest: uploadRequest,
  NewPrompt: newPrompt,
  PromptChanges: promptChanges,
  /** Clerk and Stripe document their events. */
  ReportedEvent: z.looseObject({ type: z.string() }),
};
