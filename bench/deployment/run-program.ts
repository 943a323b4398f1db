/** A running program of the benchmark. */
export interface Running {
  ready: object;
  /** Answers one question of the owner. */
  answer?(question: any): Promise<unknown>;
  stop?(): Promise<void>;
}

/**
 * Runs a program that the benchmark started: the first message over IPC has its options. It ends with its owner. An error
 * during the start ends it with the error on standard error.
 */
export function runProgram<Options>(start: (options: Options) => Promise<Running>): void {
  process.once('message', async (options) => {
    const running = await start(options as Options);
    const stop = async () => {
      await running.stop?.();
      process.exit(0);
    };
    process.once('SIGTERM', () => void stop());
    process.once('disconnect', () => void stop());
    process.on('message', async ({ id, question }: { id: number; question: unknown }) => {
      try {
        process.send?.({ id, answer: await running.answer?.(question) });
      } catch (error) {
        process.send?.({ id, error: String(error instanceof Error ? error.stack : error) });
      }
    });
    process.send?.({ ready: running.ready });
  });
}
