import { z } from 'zod';

const flag = z.boolean().catch(false);
const text = z.string().optional().catch(undefined);

/** As the client sent it: the reply repeats it, and the client compares the two. */
const bindingSchema = z.looseObject({ event: z.string(), schema: z.string(), table: text, filter: text });

const configSchema = z.object({
  private: flag,
  broadcast: z.object({ ack: flag, self: flag }).catch({ ack: false, self: false }),
  presence: z.object({ enabled: flag }).catch({ enabled: false }),
  postgres_changes: z.array(bindingSchema).catch([]),
  postgres_changes_options: z
    .object({ wait: flag, timeout: z.number().positive().catch(15_000) })
    .catch({ wait: false, timeout: 15_000 }),
});

const joinSchema = z.object({ config: configSchema.catch(configSchema.parse({})), access_token: text });

/** One thing that a channel wants to hear of: an event, a schema, a table or all of them, a filter or none. */
export type Binding = z.infer<typeof bindingSchema>;
export type JoinConfig = z.infer<typeof configSchema>;

/** What a client asks for when it joins. What is missing or malformed is as if it were not there. */
export function readJoin(payload: unknown): { config: JoinConfig; token: string | undefined } {
  const read = joinSchema.safeParse(payload);
  const { config, access_token: token } = read.success ? read.data : joinSchema.parse({ config: {} });
  return { config, token };
}
