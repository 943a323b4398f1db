import { z } from 'zod';

/** The query every list takes: `limit` 1 to 100, 20 by default, and the `next_cursor` of the page before. */
export const pageQuery = z.object({
  limit: z
    .string()
    .regex(/^\d{1,3}$/, 'Must be a whole number from 1 to 100.')
    .transform(Number)
    .refine((limit) => limit >= 1 && limit <= 100, 'Must be a whole number from 1 to 100.')
    .default(20)
    .meta({ type: 'integer', minimum: 1, maximum: 100, description: 'How many rows; 20 unless said.' }),
  cursor: z
    .string()
    .min(1)
    .max(500)
    .nullable()
    .default(null)
    .meta({ description: 'The next_cursor of the page before.' }),
});
