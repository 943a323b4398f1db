/** One page of a list, newest first. */
export interface Page<Row> {
  data: Row[];
  /** Pass it as `cursor` to get the next page; null on the last. */
  next_cursor: string | null;
}

export interface PageQuery {
  /** 1 to 100; 20 by default. */
  limit?: number;
  cursor?: string | null;
}
