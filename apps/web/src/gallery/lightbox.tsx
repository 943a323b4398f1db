import type { Receipt } from '@darkroom/client';
import { useEffect, useRef } from 'react';
import { modelName } from '../compose/offer.ts';
import { receiptWords } from '../jobs/words.ts';
import { CloseIcon } from '../shell/icons.tsx';
import { timeWords } from '../shell/time-words.ts';

export interface Picture {
  /** Of the gallery; null where it cannot be deleted. */
  imageId: string | null;
  image_url: string;
  thumbnail_url: string | null;
  prompt: string | null;
  model: string | null;
  width: number | null;
  height: number | null;
  created_at: string;
  receipt?: Receipt | null;
}

/** One picture, large, with what is known of it. Escape and a click beside it close it. */
export function Lightbox(props: { picture: Picture; onClose: () => void; onDelete?: () => void }) {
  const { picture, onClose, onDelete } = props;
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const shown = dialog.current!;
    shown.showModal();
    return () => shown.close();
  }, []);
  const receipt =
    picture.receipt && receiptWords({ receipt: picture.receipt } as Parameters<typeof receiptWords>[0]);
  const size = picture.width && `${picture.width} × ${picture.height}`;

  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Escape closes a dialog by itself.
    <dialog
      ref={dialog}
      className="lightbox"
      aria-label={picture.prompt ?? 'Picture'}
      onClose={onClose}
      onClick={({ target }) => target === dialog.current && onClose()}
    >
      <img
        src={picture.image_url}
        alt={picture.prompt ?? 'Picture'}
        width={picture.width ?? undefined}
        height={picture.height ?? undefined}
      />
      <div className="lightbox-text">
        <p>{picture.prompt}</p>
        <p className="hint">
          {[picture.model && modelName(picture.model), size, receipt, timeWords(picture.created_at)]
            .filter(Boolean)
            .join(' · ')}
        </p>
        <div className="caption-actions">
          <a className="button small" href={picture.image_url} target="_blank" rel="noreferrer">
            Open the original
          </a>
          {onDelete && (
            <button type="button" className="button small danger" onClick={onDelete}>
              Delete
            </button>
          )}
        </div>
      </div>
      <button type="button" className="icon-button close" onClick={onClose} aria-label="Close">
        <CloseIcon />
      </button>
    </dialog>
  );
}
