import type { Page } from '@darkroom/client';
import { useCallback, useEffect, useState } from 'react';
import { problemWords } from '../studio/problem-words.ts';

export interface List<Row> {
  /** Null until the first page is loaded. */
  rows: Row[] | null;
  problem: string | null;
  /** Null on the last page. */
  more: (() => void) | null;
  reload: () => void;
}

/** A list of the API, page by page; read again from the start whenever `changes` grows. */
export function useList<Row>(
  read: (cursor: string | null) => Promise<Page<Row>>,
  changes: number,
): List<Row> {
  const [rows, setRows] = useState<Row[] | null>(null);
  const [cursor, setCursor] = useState<string | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const [reloads, setReloads] = useState(0);

  // biome-ignore lint/correctness/useExhaustiveDependencies: changes and reloads trigger a read, which does not use them.
  useEffect(() => {
    let isStale = false;
    read(null).then(
      (page) => {
        if (isStale) return;
        setRows(page.data);
        setCursor(page.next_cursor);
        setProblem(null);
      },
      (error) => {
        if (!isStale) setProblem(problemWords(error));
      },
    );
    return () => {
      isStale = true;
    };
  }, [read, changes, reloads]);

  const next = useCallback(() => {
    read(cursor).then(
      (page) => {
        setRows((before) => [...(before ?? []), ...page.data]);
        setCursor(page.next_cursor);
      },
      (error) => setProblem(problemWords(error)),
    );
  }, [read, cursor]);

  return { rows, problem, more: cursor ? next : null, reload: () => setReloads((before) => before + 1) };
}
