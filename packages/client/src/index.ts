export type { Account, LedgerEntry, Me } from './account/account.ts';
export { createDarkroom, type Darkroom, type DarkroomOptions, type Quote } from './darkroom.ts';
export type { FollowOptions } from './follow/follow.ts';
export type { SupabaseClient } from './follow/realtime.ts';
export type { OnWake } from './follow/wake.ts';
export { DarkroomError, type ErrorCode, type Problem } from './http/error.ts';
export type { Fetch, FetchedResponse, UploadBody } from './http/fetch.ts';
export type { GetToken } from './http/http.ts';
export type { Page, PageQuery } from './http/page.ts';
export type { Image, Images } from './images/images.ts';
export type { Generate, GenerateOptions } from './job/generate.ts';
export type {
  CompletedJob,
  Job,
  JobInput,
  JobStage,
  JobStatus,
  JobView,
  Receipt,
} from './job/job.ts';
export { isTerminal } from './job/job.ts';
export type { Jobs } from './job/jobs.ts';
export type { Accepted, SubmitOptions } from './job/submit.ts';
export type { ListModels, Model } from './models/models.ts';
export type { Prompt, PromptInput, Prompts } from './prompts/prompts.ts';
export type { Uploads, UploadTicket } from './uploads/uploads.ts';
