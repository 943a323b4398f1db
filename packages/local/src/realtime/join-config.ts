import { z } from 'zod';

const flag = z.boolean().catch(false);
const text = z.string().optional().catch(undefined);

/** As the client sent it: the client compares it with the reply. */
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

/** One subscription request: event, schema, and optionally table and filter. */
export type Binding = z.infer<typeof bindingSchema>;
export type JoinConfig = z.infer<typeof configSchema>;

/** Reads the parameters of a join. Malformed parts are ignored. */
export function readJoin(payload: unknown): { config: JoinConfig; token: string | undefined } {
  const read = joinSchema.safeParse(payload);
  const { config, access_token: token } = read.success ? read.data : joinSchema.parse({ config: {} });
  return { config, token };
}
