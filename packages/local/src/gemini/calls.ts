/** One call of generateContent, as the server saw it. */
export interface RecordedCall {
  model: string;
  prompt: string;
  /** When it came, in milliseconds since 1970. */
  at: number;
  /** When it was answered or given up; null while it is under way. */
  endedAt: number | null;
  /** Null while it is under way, and for calls that were never answered. */
  status: number | null;
  /** Whether the client went away before the answer was out. */
  aborted: boolean;
  /** Kinds of the faults that struck it. */
  faults: string[];
  aspectRatio: string | null;
  imageSize: string | null;
  /** How many images came with the prompt. */
  images: number;
}

const KEPT = 20_000;

/** Remembers the last calls, oldest first. */
export function createCallLog(now: () => number) {
  let calls: RecordedCall[] = [];
  return {
    open(model: string): RecordedCall {
      const call: RecordedCall = {
        model,
        prompt: '',
        at: now(),
        endedAt: null,
        status: null,
        aborted: false,
        faults: [],
        aspectRatio: null,
        imageSize: null,
        images: 0,
      };
      calls.push(call);
      if (calls.length > KEPT * 1.5) calls = calls.slice(-KEPT);
      return call;
    },
    list: (): RecordedCall[] => calls.map((call) => ({ ...call })),
    clear: () => {
      calls = [];
    },
  };
}
