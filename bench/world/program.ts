/** What a program of the benchmark tells its owner, and what it can be asked afterwards. */
export interface Running {
  ready: object;
  /** Answers one message of the owner. */
  answer?(question: any): Promise<unknown>;
  stop?(): Promise<void>;
}

/**
 * Runs a program that the benchmark started: its order comes as the first message over IPC. It ends with its owner.
 * An error while it starts ends it with the error on standard error.
 */
export function runProgram<Order>(start: (order: Order) => Promise<Running>): void {
  process.once('message', async (order) => {
    const running = await start(order as Order);
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
