import type { JobView, LedgerEntry } from '@darkroom/client';
import { useCallback, useState } from 'react';
import { creditWords, receiptWords, shortPrompt, statusWords } from '../jobs/words.ts';
import { ListState } from '../shell/list-state.tsx';
import { timeWords } from '../shell/time-words.ts';
import { useList } from '../shell/use-list.ts';
import { useStudio, useStudioState } from '../studio/context.tsx';

/** Every movement of credits, newest first, with the receipt of the job it belongs to. */
export function Ledger() {
  const { darkroom } = useStudio();
  const { changes, credits, jobs, subscription } = useStudioState();
  const [readJobs, setReadJobs] = useState<JobView[]>([]);
  const read = useCallback(
    async (cursor: string | null) => {
      const [page, { data }] = await Promise.all([
        darkroom.ledger({ limit: 50, cursor }),
        darkroom.jobs.list({ limit: 100 }),
      ]);
      setReadJobs(data);
      return page;
    },
    [darkroom],
  );
  const list = useList<LedgerEntry>(read, changes);
  const byId = new Map([...readJobs, ...jobs].map((job) => [job.id, job]));

  return (
    <section className="page" aria-labelledby="page-title">
      <h1 id="page-title" tabIndex={-1}>
        Ledger
      </h1>
      <p className="balance-large">
        <strong>{credits ?? '–'}</strong> {credits === 1 ? 'credit' : 'credits'}
        {subscription && <span className="hint"> · subscription {subscription}</span>}
      </p>
      <ListState list={list} empty={<p>No credits were added or spent yet.</p>}>
        <div className="table">
          <table>
            <thead>
              <tr>
                <th scope="col">What</th>
                <th scope="col">Receipt</th>
                <th scope="col" className="number">
                  Credits
                </th>
                <th scope="col" className="number">
                  Balance
                </th>
              </tr>
            </thead>
            <tbody>
              {list.rows?.map((entry) => (
                <Row key={entry.id} entry={entry} job={entry.job_id ? byId.get(entry.job_id) : undefined} />
              ))}
            </tbody>
          </table>
        </div>
      </ListState>
    </section>
  );
}

function Row({ entry, job }: { entry: LedgerEntry; job: JobView | undefined }) {
  const { amount } = entry;
  return (
    <tr>
      <th scope="row">
        {kinds[entry.kind] ?? entry.kind}
        <span className="hint">{job ? shortPrompt(job, 80) : reasonOf(entry)}</span>
        <time className="hint" dateTime={entry.created_at}>
          {timeWords(entry.created_at)}
        </time>
      </th>
      <td>{job ? `${statusWords(job)}: ${receiptWords(job)}` : ''}</td>
      <td className={`number ${amount > 0 ? 'gain' : ''}`}>
        <span aria-hidden="true">{amount > 0 ? `+${amount}` : amount < 0 ? `−${-amount}` : 0}</span>
        <span className="visually-hidden">
          {amount >= 0 ? 'plus ' : 'minus '}
          {creditWords(Math.abs(amount))}
        </span>
      </td>
      <td className="number">{entry.balance_after}</td>
    </tr>
  );
}

/** Empty when the reason only repeats the kind. */
function reasonOf({ kind, reason }: LedgerEntry): string {
  return reason === kinds[kind] ? '' : (reason ?? '');
}

const kinds: Record<string, string> = {
  opening: 'Opening balance',
  signup: 'Welcome credits',
  job_debit: 'Image',
  job_refund: 'Refund',
  price_difference: 'Price difference refunded',
  grant: 'Granted',
  purchase: 'Purchase',
  adjustment: 'Adjustment',
  native_app: 'In the app',
};
