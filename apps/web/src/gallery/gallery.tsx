import { type Darkroom, DarkroomError, type Page } from '@darkroom/client';
import { type CSSProperties, useCallback, useState } from 'react';
import { ListState } from '../shell/list-state.tsx';
import { useList } from '../shell/use-list.ts';
import { useStudio, useStudioState } from '../studio/context.tsx';
import { problemWords } from '../studio/problem-words.ts';
import { Lightbox, type Picture } from './lightbox.tsx';

/** Every finished picture, newest first. */
export function Gallery() {
  const studio = useStudio();
  const { changes } = useStudioState();
  const read = useCallback((cursor: string | null) => readPictures(studio.darkroom, cursor), [studio]);
  const list = useList(read, changes);
  const [open, setOpen] = useState<Picture | null>(null);

  async function remove({ imageId }: Picture) {
    if (!imageId || !confirm('Delete this picture for good?')) return;
    try {
      await studio.darkroom.images.delete(imageId);
      setOpen(null);
      studio.say('Picture deleted.');
      list.reload();
    } catch (error) {
      studio.say(problemWords(error));
    }
  }

  return (
    <section className="page" aria-labelledby="page-title">
      <h1 id="page-title" tabIndex={-1}>
        Gallery
      </h1>
      <ListState
        list={list}
        empty={
          <>
            <p>No prints on the wall yet.</p>
            <p className="hint">Finished pictures hang here.</p>
          </>
        }
      >
        <ul className="wall">
          {list.rows?.map((picture) => (
            <li key={picture.image_url} style={{ '--ratio': ratioOf(picture) } as CSSProperties}>
              <button
                type="button"
                className="print"
                aria-label={`Open ${picture.prompt ?? 'picture'}`}
                onClick={() => setOpen(picture)}
              >
                <img
                  src={picture.thumbnail_url ?? picture.image_url}
                  alt={picture.prompt ?? 'Picture'}
                  width={picture.width ?? undefined}
                  height={picture.height ?? undefined}
                  loading="lazy"
                  decoding="async"
                />
              </button>
            </li>
          ))}
        </ul>
      </ListState>
      {open && (
        <Lightbox
          picture={open}
          onClose={() => setOpen(null)}
          onDelete={open.imageId ? () => void remove(open) : undefined}
        />
      )}
    </section>
  );
}

/** Width by height; a square where it is not known, as of the native app's pictures. */
function ratioOf({ width, height }: Picture): number {
  return width && height ? Math.min(2.4, Math.max(0.5, width / height)) : 1;
}

/** The gallery; where the API has none, the completed jobs: they show the same pictures. */
async function readPictures({ images, jobs }: Darkroom, cursor: string | null): Promise<Page<Picture>> {
  try {
    const page = await images.list({ limit: 40, cursor });
    return { ...page, data: page.data.map((image) => ({ ...image, imageId: image.id })) };
  } catch (error) {
    if (!(error instanceof DarkroomError) || error.status !== 404) throw error;
    const page = await jobs.list({ limit: 40, cursor, status: 'completed' });
    const data = page.data.map((job) => ({ ...job, image_url: job.output_image_url ?? '', imageId: null }));
    return { ...page, data };
  }
}
