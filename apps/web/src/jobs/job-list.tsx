import type { JobView } from '@darkroom/client';
import { useState } from 'react';
import { Composer } from '../compose/composer.tsx';
import { Lightbox } from '../gallery/lightbox.tsx';
import { useStudio, useStudioState } from '../studio/context.tsx';
import { cardStyle } from './card-style.ts';
import { JobCard, SendingCard } from './job-card.tsx';

/** The studio: the form and every job as a card, newest first. */
export function JobList() {
  const studio = useStudio();
  const { phase, problem, jobs, sending, nextCursor } = useStudioState();
  const [open, setOpen] = useState<JobView | null>(null);
  const isEmpty = jobs.length === 0 && sending.length === 0;

  return (
    <div className="studio">
      <Composer />
      <section className="job-list" aria-labelledby="jobs-title" aria-busy={phase === 'loading'}>
        <h2 id="jobs-title">Your images</h2>
        {phase === 'failed' ? (
          <div className="empty" role="alert">
            <p>{problem}</p>
            <button type="button" className="button" onClick={() => void studio.refresh()}>
              Try again
            </button>
          </div>
        ) : phase === 'loading' && isEmpty ? (
          <div className="jobs" aria-hidden="true">
            <div className="job-card ghost" />
            <div className="job-card ghost" />
            <div className="job-card ghost" />
          </div>
        ) : isEmpty ? (
          <div className="empty">
            <p>No images yet.</p>
            <p className="hint">
              Your images appear here while they are made. You can start several at once.
            </p>
          </div>
        ) : (
          <ul className="jobs">
            {sending.map((one) => (
              <li key={one.key} style={cardStyle(one.input.aspect_ratio)}>
                <SendingCard sending={one} />
              </li>
            ))}
            {jobs.map((job) => (
              <li key={job.id} style={cardStyle(job.aspect_ratio)}>
                <JobCard job={job} onOpen={setOpen} />
              </li>
            ))}
          </ul>
        )}
        {nextCursor && phase === 'ready' && (
          <button type="button" className="button more" onClick={() => studio.loadMore().catch(() => {})}>
            Show older ones
          </button>
        )}
      </section>
      {open && <Lightbox image={imageOf(open)} onClose={() => setOpen(null)} />}
    </div>
  );
}

function imageOf(job: JobView) {
  return { ...job, image_url: job.output_image_url ?? '', imageId: null };
}
