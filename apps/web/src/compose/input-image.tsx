import { type ChangeEvent, useEffect, useId, useMemo } from 'react';
import { CloseIcon, ImageIcon } from '../shell/icons.tsx';

interface Props {
  image: Blob | null;
  onPick: (file: Blob) => void;
  onRemove: () => void;
}

/** The input image, or a button to pick one. The form handles drop and paste. */
export function InputImage({ image, onPick, onRemove }: Props) {
  const id = useId();
  const url = useMemo(() => (image ? URL.createObjectURL(image) : null), [image]);
  useEffect(() => () => (url ? URL.revokeObjectURL(url) : undefined), [url]);

  function pick({ currentTarget }: ChangeEvent<HTMLInputElement>) {
    const file = currentTarget.files?.[0];
    if (file) onPick(file);
    currentTarget.value = '';
  }

  if (url) {
    return (
      <div className="input-image filled">
        <img src={url} alt="Your starting point" />
        <span className="hint">Starting from this image</span>
        <button type="button" className="icon-button" onClick={onRemove} aria-label="Remove the image">
          <CloseIcon />
        </button>
      </div>
    );
  }
  return (
    <div className="input-image">
      <input id={id} className="visually-hidden" type="file" accept="image/*" onChange={pick} />
      <label htmlFor={id}>
        <ImageIcon />
        <span>
          Start from an image<span className="fine-only">: drop, paste or choose</span>
        </span>
      </label>
    </div>
  );
}
