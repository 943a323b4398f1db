import { z } from 'zod';

/** The query of every list: `limit` from 1 to 100, default 20, and `cursor`, the `next_cursor` of the previous page. */
export const pageQuery = z.object({
  limit: z
    .string()
    .regex(/^\d{1,3}$/, 'Must be a whole number from 1 to 100.')
    .transform(Number)
    .refine((limit) => limit >= 1 && limit <= 100, 'Must be a whole number from 1 to 100.')
    .default(20)
    .meta({ type: 'integer', minimum: 1, maximum: 100, description: 'Rows per page. Default 20.' }),
  cursor: z
    .string()
    .min(1)
    .max(500)
    .nullable()
    .default(null)
    .meta({ description: 'The next_cursor of the previous page.' }),
});
