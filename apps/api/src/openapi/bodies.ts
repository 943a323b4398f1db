import { jobRequest } from '@darkroom/core/job/request';
import { z } from 'zod';
import { newPrompt, promptChanges } from '../routes/prompts/fields.ts';
import { uploadRequest } from '../routes/uploads/create.ts';
import type { BodyName } from './examples.ts';

/** The bodies that are sent, by the schemas that the routes read them with. */
export const bodies: Record<BodyName, z.ZodType> = {
  JobRequest: jobRequest,
  UploadRequest: uploadRequest,
  NewPrompt: newPrompt,
  PromptChanges: promptChanges,
  /** What Clerk and Stripe send is theirs to describe. */
  ReportedEvent: z.looseObject({ type: z.string() }),
};
