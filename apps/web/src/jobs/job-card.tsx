import { isTerminal, type JobView } from '@darkroom/client';
import { type ReactNode, useState } from 'react';
import { fillDraft } from '../compose/draft.ts';
import { modelName } from '../compose/model-choices.ts';
import { useStudio } from '../studio/context.tsx';
import type { Sending } from '../studio/studio.ts';
import { receiptWords, shortPrompt, statusWords } from './words.ts';

/** One job: its image or progress, its price and its actions. */
export function JobCard({ job, onOpen }: { job: JobView; onOpen: (job: JobView) => void }) {
  const studio = useStudio();
  const [isBusy, setIsBusy] = useState(false);
  const name = shortPrompt(job);
  const isOver = isTerminal(job);

  async function act(work: () => Promise<void>) {
    setIsBusy(true);
    await work().catch(() => {});
    setIsBusy(false);
  }

  return (
    <article className="job-card" data-status={job.status} aria-label={name}>
      <Film edge={facts(job)}>
        {job.status === 'completed' ? (
          <button
            type="button"
            className="image-button"
            onClick={() => onOpen(job)}
            aria-label={`Open ${name}`}
          >
            <JobImage job={job} />
          </button>
        ) : isOver ? (
          <NoImage>{noImageWords(job)}</NoImage>
        ) : (
          <Progress progress={job.progress} label={`${name}: ${statusWords(job)}`} />
        )}
      </Film>
      <div className="caption">
        <p className="caption-prompt">{job.prompt ?? 'Saved prompt'}</p>
        <p className="caption-facts">
          <span className={`status ${job.status}`}>{statusWords(job)}</span>
          <span>{receiptWords(job)}</span>
        </p>
        <div className="caption-actions">
          {!isOver && (
            <button
              type="button"
              className="button small"
              disabled={isBusy}
              aria-label={`Cancel: ${name}`}
              onClick={() => act(() => studio.cancel(job.id))}
            >
              Cancel
            </button>
          )}
          {(job.status === 'failed' || job.status === 'canceled') && (
            <button
              type="button"
              className="button small"
              disabled={isBusy}
              aria-label={`Retry: ${name}`}
              onClick={() => act(() => studio.retry(job))}
            >
              Retry
            </button>
          )}
          {isOver && job.prompt && (
            <button
              type="button"
              className="button quiet small"
              aria-label={`Use prompt: ${name}`}
              onClick={() => fillPrompt(job)}
            >
              Use prompt
            </button>
          )}
        </div>
      </div>
    </article>
  );
}

/** A submission that the API has not accepted yet. */
export function SendingCard({ sending }: { sending: Sending }) {
  const { drop } = useStudio();
  const name = shortPrompt({ prompt: sending.input.prompt ?? null });
  return (
    <article className="job-card" data-status="sending" aria-label={name}>
      <Film edge="">
        {sending.problem ? (
          <NoImage>{sending.problem}</NoImage>
        ) : (
          <Progress progress={0} label={`${name}: sending`} />
        )}
      </Film>
      <div className="caption">
        <p className="caption-prompt">{sending.input.prompt}</p>
        <p className="caption-facts">
          <span className="status">{sending.problem ? 'Not accepted' : 'Sending'}</span>
          <span>{sending.problem ? 'Nothing charged' : ''}</span>
        </p>
        <div className="caption-actions">
          {sending.problem && (
            <button
              type="button"
              className="button small"
              aria-label={`Edit: ${name}`}
              onClick={() => {
                drop(sending.key);
                fillDraft({ prompt: sending.input.prompt ?? '' });
                document.getElementById('prompt')?.focus();
              }}
            >
              Edit
            </button>
          )}
          <button
            type="button"
            className="button quiet small"
            aria-label={`Dismiss: ${name}`}
            onClick={() => drop(sending.key)}
          >
            Dismiss
          </button>
        </div>
      </div>
    </article>
  );
}

function fillPrompt(job: JobView): void {
  fillDraft({
    prompt: job.prompt ?? '',
    ...(job.aspect_ratio && { ratio: job.aspect_ratio }),
    ...(job.image_size && { size: job.image_size }),
  });
  document.getElementById('prompt')?.focus();
}

function facts(job: JobView): string {
  const model = job.model ?? job.model_requested;
  return [model && modelName(model), job.aspect_ratio, job.image_size].filter(Boolean).join('  ·  ');
}

function Film({ edge, children }: { edge: string; children: ReactNode }) {
  return (
    <div className="film">
      <p className="film-edge">{edge}</p>
      <div className="film-image">{children}</div>
    </div>
  );
}

function JobImage({ job }: { job: JobView }) {
  return (
    <img
      src={job.thumbnail_url ?? job.output_image_url ?? ''}
      alt={job.prompt ?? 'Image of a saved prompt'}
      decoding="async"
    />
  );
}

function Progress({ progress, label }: { progress: number; label: string }) {
  return (
    <div
      className="progress"
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={progress}
      style={{ '--progress': progress / 100 } as React.CSSProperties}
    >
      <span className="percent" aria-hidden="true">
        {progress}
      </span>
    </div>
  );
}

function NoImage({ children }: { children: string }) {
  return (
    <div className="no-image">
      <p>{children}</p>
    </div>
  );
}

function noImageWords(job: JobView): string {
  if (job.status === 'canceled') return 'Canceled before the image was ready.';
  return job.error_message ?? 'The image could not be made.';
}
