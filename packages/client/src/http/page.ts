/** One page of a list, newest first. */
export interface Page<Row> {
  data: Row[];
  /** To be given as `cursor` for the next page; null on the last. */
  next_cursor: string | null;
}

export interface PageQuery {
  /** 1 to 100; 20 unless said otherwise. */
  limit?: number;
  cursor?: string | null;
}
