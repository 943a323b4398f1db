/** One call of generateContent, as the server saw it. */
export interface RecordedCall {
  model: string;
  prompt: string;
  /** When it arrived, in milliseconds since 1970. */
  at: number;
  /** When it was answered or aborted; null while it runs. */
  endedAt: number | null;
  /** Null while it runs, and for calls that were never answered. */
  status: number | null;
  /** Whether the client disconnected before the answer was sent. */
  aborted: boolean;
  /** The kinds of the faults that were applied. */
  faults: string[];
  aspectRatio: string | null;
  imageSize: string | null;
  /** The number of input images. */
  images: number;
}

const KEPT = 20_000;

/** Keeps the last calls, oldest first. */
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
