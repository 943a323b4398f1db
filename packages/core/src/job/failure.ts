/**
 * Every failure of a job and how it is handled. This table is the only source: the model chain and the retry policy read
 * it, and docs/failures.md and migrations/functions/failures are generated from it.
 */
interface FailureRule {
  /** Whether the next model of the chain is tried within the same attempt. */
  nextModel: boolean;
  /** How often the same model is called again immediately, before the next model or the end of the attempt. */
  retrySameModel: 0 | 1;
  /**
   * Whether the whole job runs again later. `budget`: until MAX_ATTEMPTS is reached. `once`: a single further run, which
   * also counts. `until_deadline`: until the deadline of the job, without counting.
   */
  retry: 'never' | 'once' | 'budget' | 'until_deadline';
  /** Whether such a call may be billed. A call that costs nothing does not count against the job's call limit. */
  paid: 'no' | 'maybe';
  /** Whether it says something about the model, and not about the request or the job. */
  isModelFault: boolean;
  /** When the job fails and its credits are refunded. */
  refund: 'at_once' | 'all_models_failed' | 'failed_again' | 'attempts_used' | 'at_deadline';
  /** The text for the user. Never contains a cause, a key or text of the provider. */
  message: string;
}

const table = {
  model_unavailable: {
    nextModel: true,
    retrySameModel: 0,
    retry: 'never',
    paid: 'no',
    isModelFault: true,
    refund: 'all_models_failed',
    message: 'No model that can make this image is available at the moment.',
  },
  rate_limited: {
    nextModel: true,
    retrySameModel: 0,
    retry: 'until_deadline',
    paid: 'no',
    isModelFault: true,
    refund: 'at_deadline',
    message: 'The models were too busy to make this image in time.',
  },
  provider_unavailable: {
    nextModel: true,
    retrySameModel: 1,
    retry: 'budget',
    paid: 'maybe',
    isModelFault: true,
    refund: 'attempts_used',
    message: 'The image service could not be reached.',
  },
  no_image: {
    nextModel: true,
    retrySameModel: 0,
    retry: 'once',
    paid: 'maybe',
    isModelFault: false,
    refund: 'failed_again',
    message: 'The models answered without an image. Another wording may help.',
  },
  content_blocked: {
    nextModel: false,
    retrySameModel: 0,
    retry: 'never',
    paid: 'maybe',
    isModelFault: false,
    refund: 'at_once',
    message: 'The request was refused by the content policy of the image service.',
  },
  invalid_request: {
    nextModel: false,
    retrySameModel: 0,
    retry: 'never',
    paid: 'maybe',
    isModelFault: false,
    refund: 'at_once',
    message: 'The image service does not accept this request.',
  },
  provider_misconfigured: {
    nextModel: false,
    retrySameModel: 0,
    retry: 'until_deadline',
    paid: 'no',
    isModelFault: true,
    refund: 'at_deadline',
    message: 'The image service could not be used. The operators have been told.',
  },
  bad_image: {
    nextModel: true,
    retrySameModel: 0,
    retry: 'once',
    paid: 'maybe',
    isModelFault: false,
    refund: 'failed_again',
    message: 'The image that came back was damaged.',
  },
  invalid_input_image: {
    nextModel: false,
    retrySameModel: 0,
    retry: 'never',
    paid: 'maybe',
    isModelFault: false,
    refund: 'at_once',
    message: 'The input image is missing, too large, or not an image.',
  },
  storage_unavailable: {
    nextModel: false,
    retrySameModel: 0,
    retry: 'budget',
    paid: 'maybe',
    isModelFault: false,
    refund: 'attempts_used',
    message: 'The image could not be stored.',
  },
  deadline_exceeded: {
    nextModel: false,
    retrySameModel: 0,
    retry: 'never',
    paid: 'maybe',
    isModelFault: false,
    refund: 'at_once',
    message: 'The image was not ready in time.',
  },
  worker_crashed: {
    nextModel: false,
    retrySameModel: 0,
    retry: 'never',
    paid: 'maybe',
    isModelFault: false,
    refund: 'at_once',
    message: 'The image could not be made.',
  },
  canceled: {
    nextModel: false,
    retrySameModel: 0,
    retry: 'never',
    paid: 'maybe',
    isModelFault: false,
    refund: 'at_once',
    message: 'Canceled.',
  },
  internal_error: {
    nextModel: false,
    retrySameModel: 0,
    retry: 'once',
    paid: 'maybe',
    isModelFault: false,
    refund: 'failed_again',
    message: 'Something went wrong on our side.',
  },
} as const satisfies Record<string, FailureRule>;

export type FailureCode = keyof typeof table;

/** The codes after which the next model of the chain is tried. */
export type NextModelCode = {
  [Code in FailureCode]: (typeof table)[Code]['nextModel'] extends true ? Code : never;
}[FailureCode];

/** The failure table, by code. */
export const failures: Readonly<Record<FailureCode, FailureRule>> = table;

export const failureCodes = Object.keys(table) as FailureCode[];

/** The codes of calls that cost nothing. */
export const unpaidCodes: readonly FailureCode[] = failureCodes.filter((code) => table[code].paid === 'no');

export interface Failure {
  code: FailureCode;
  /** For operators and logs; never shown to a user. */
  cause: string;
  /** The delay until the next try, in milliseconds, as named by the provider or an open breaker. */
  retryAfterMs?: number;
  /** Set when a model did not answer in time. The call may still have been served and billed. */
  timedOut?: boolean;
}

/** Whether the next model of the chain is tried after this failure. */
export function triesNextModel(failure: Failure): failure is Failure & { code: NextModelCode } {
  return failures[failure.code].nextModel;
}
