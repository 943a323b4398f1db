import type { JobView } from '@darkroom/client';
import { useState } from 'react';
import { Composer } from '../compose/composer.tsx';
import { Lightbox } from '../gallery/lightbox.tsx';
import { useStudio, useStudioState } from '../studio/context.tsx';
import { cellStyle } from './cell.ts';
import { JobFrame, SendingFrame } from './frame.tsx';

/** The studio: the form, and every job as a frame on a contact sheet, newest first. */
export function ContactSheet() {
  const studio = useStudio();
  const { phase, problem, jobs, sending, nextCursor } = useStudioState();
  const [open, setOpen] = useState<JobView | null>(null);
  const isEmpty = jobs.length === 0 && sending.length === 0;

  return (
    <div className="studio">
      <Composer />
      <section className="sheet" aria-labelledby="sheet-title" aria-busy={phase === 'loading'}>
        <h2 id="sheet-title">Contact sheet</h2>
        {phase === 'failed' ? (
          <div className="blank" role="alert">
            <p>{problem}</p>
            <button type="button" className="button" onClick={() => void studio.refresh()}>
              Try again
            </button>
          </div>
        ) : phase === 'loading' && isEmpty ? (
          <div className="frames" aria-hidden="true">
            <div className="frame ghost" />
            <div className="frame ghost" />
            <div className="frame ghost" />
          </div>
        ) : isEmpty ? (
          <div className="blank">
            <p>Nothing exposed yet.</p>
            <p className="hint">
              Your images appear here while they develop. Start several: they run side by side.
            </p>
          </div>
        ) : (
          <ul className="frames">
            {sending.map((one) => (
              <li key={one.key} style={cellStyle(one.input.aspect_ratio)}>
                <SendingFrame sending={one} />
              </li>
            ))}
            {jobs.map((job) => (
              <li key={job.id} style={cellStyle(job.aspect_ratio)}>
                <JobFrame job={job} onOpen={setOpen} />
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
