import type { Receipt } from '@darkroom/client';
import { useEffect, useRef } from 'react';
import { modelName } from '../compose/model-choices.ts';
import { receiptWords } from '../jobs/words.ts';
import { CloseIcon } from '../shell/icons.tsx';
import { timeWords } from '../shell/time-words.ts';

export interface Image {
  /** In the gallery; null when it cannot be deleted here. */
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

/** One image, large, with its details. Escape or a click beside it closes it. */
export function Lightbox(props: { image: Image; onClose: () => void; onDelete?: () => void }) {
  const { image, onClose, onDelete } = props;
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const element = dialog.current!;
    element.showModal();
    return () => element.close();
  }, []);
  const receipt =
    image.receipt && receiptWords({ receipt: image.receipt } as Parameters<typeof receiptWords>[0]);
  const size = image.width && `${image.width} × ${image.height}`;

  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Escape closes a dialog by itself.
    <dialog
      ref={dialog}
      className="lightbox"
      aria-label={image.prompt ?? 'Image'}
      onClose={onClose}
      onClick={({ target }) => target === dialog.current && onClose()}
    >
      <img
        src={image.image_url}
        alt={image.prompt ?? 'Image'}
        width={image.width ?? undefined}
        height={image.height ?? undefined}
      />
      <div className="lightbox-text">
        <p>{image.prompt}</p>
        <p className="hint">
          {[image.model && modelName(image.model), size, receipt, timeWords(image.created_at)]
            .filter(Boolean)
            .join(' · ')}
        </p>
        <div className="caption-actions">
          <a className="button small" href={image.image_url} target="_blank" rel="noreferrer">
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
