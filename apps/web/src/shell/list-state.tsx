import type { ReactNode } from 'react';
import type { List } from './use-list.ts';

/** What a list shows in place of rows it does not have, and what follows those it has. */
export function ListState(props: { list: List<unknown>; empty: ReactNode; children: ReactNode }) {
  const { list, empty, children } = props;
  return (
    <>
      {list.problem && (
        <div className="blank" role="alert">
          <p>{list.problem}</p>
          <button type="button" className="button" onClick={list.reload}>
            Try again
          </button>
        </div>
      )}
      {!list.rows && !list.problem && <p className="blank hint">Loading…</p>}
      {list.rows?.length === 0 && !list.problem && <div className="blank">{empty}</div>}
      {list.rows && list.rows.length > 0 && children}
      {list.more && (
        <button type="button" className="button more" onClick={list.more}>
          Show older ones
        </button>
      )}
    </>
  );
}
