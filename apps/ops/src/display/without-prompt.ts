/** The job without the texts that the user or the app wrote; they are shown only on request. */
export function withoutPrompt<Row extends { prompt: string | null; metadata: unknown }>(row: Row) {
  const { prompt: _, metadata: __, ...job } = row;
  return job;
}
