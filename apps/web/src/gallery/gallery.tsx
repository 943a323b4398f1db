import { type Darkroom, DarkroomError, type Page } from '@darkroom/client';
import { type CSSProperties, useCallback, useState } from 'react';
import { ListState } from '../shell/list-state.tsx';
import { useList } from '../shell/use-list.ts';
import { useStudio, useStudioState } from '../studio/context.tsx';
import { problemWords } from '../studio/problem-words.ts';
import { type Image, Lightbox } from './lightbox.tsx';

/** Every finished image, newest first. */
export function Gallery() {
  const studio = useStudio();
  const { changes } = useStudioState();
  const read = useCallback((cursor: string | null) => readImages(studio.darkroom, cursor), [studio]);
  const list = useList(read, changes);
  const [open, setOpen] = useState<Image | null>(null);

  async function remove({ imageId }: Image) {
    if (!imageId || !confirm('Delete this image permanently?')) return;
    try {
      await studio.darkroom.images.delete(imageId);
      setOpen(null);
      studio.announce('Image deleted.');
      list.reload();
    } catch (error) {
      studio.announce(problemWords(error));
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
            <p>No images yet.</p>
            <p className="hint">Finished images appear here.</p>
          </>
        }
      >
        <ul className="gallery">
          {list.rows?.map((image) => (
            <li key={image.image_url} style={{ '--ratio': ratioOf(image) } as CSSProperties}>
              <button
                type="button"
                className="image-button"
                aria-label={`Open ${image.prompt ?? 'image'}`}
                onClick={() => setOpen(image)}
              >
                <img
                  src={image.thumbnail_url ?? image.image_url}
                  alt={image.prompt ?? 'Image'}
                  width={image.width ?? undefined}
                  height={image.height ?? undefined}
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
          image={open}
          onClose={() => setOpen(null)}
          onDelete={open.imageId ? () => void remove(open) : undefined}
        />
      )}
    </section>
  );
}

/** Width by height; 1 when unknown, as for the native app's images. */
function ratioOf({ width, height }: Image): number {
  return width && height ? Math.min(2.4, Math.max(0.5, width / height)) : 1;
}

/** The gallery; for an API without one, the completed jobs, which have the same images. */
async function readImages({ images, jobs }: Darkroom, cursor: string | null): Promise<Page<Image>> {
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
