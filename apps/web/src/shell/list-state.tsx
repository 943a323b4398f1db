import type { ReactNode } from 'react';
import type { List } from './use-list.ts';

/** A list while it loads, after a failure, when it is empty, and with a button for more rows. */
export function ListState(props: { list: List<unknown>; empty: ReactNode; children: ReactNode }) {
  const { list, empty, children } = props;
  return (
    <>
      {list.problem && (
        <div className="empty" role="alert">
          <p>{list.problem}</p>
          <button type="button" className="button" onClick={list.reload}>
            Try again
          </button>
        </div>
      )}
      {!list.rows && !list.problem && <p className="empty hint">Loading…</p>}
      {list.rows?.length === 0 && !list.problem && <div className="empty">{empty}</div>}
      {list.rows && list.rows.length > 0 && children}
      {list.more && (
        <button type="button" className="button more" onClick={list.more}>
          Show older ones
        </button>
      )}
    </>
  );
}
