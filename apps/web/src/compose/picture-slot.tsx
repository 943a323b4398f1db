import { type ChangeEvent, useEffect, useId, useMemo } from 'react';
import { CloseIcon, PictureIcon } from '../shell/icons.tsx';

interface Props {
  picture: Blob | null;
  onPick: (file: Blob) => void;
  onRemove: () => void;
}

/** The input picture: a button to pick one, or the picture itself. Dropping and pasting is the form's. */
export function PictureSlot({ picture, onPick, onRemove }: Props) {
  const id = useId();
  const url = useMemo(() => (picture ? URL.createObjectURL(picture) : null), [picture]);
  useEffect(() => () => (url ? URL.revokeObjectURL(url) : undefined), [url]);

  function pick({ currentTarget }: ChangeEvent<HTMLInputElement>) {
    const file = currentTarget.files?.[0];
    if (file) onPick(file);
    currentTarget.value = '';
  }

  if (url) {
    return (
      <div className="picture-slot filled">
        <img src={url} alt="The one you start from" />
        <span className="hint">Starting from this picture</span>
        <button type="button" className="icon-button" onClick={onRemove} aria-label="Remove the picture">
          <CloseIcon />
        </button>
      </div>
    );
  }
  return (
    <div className="picture-slot">
      <input id={id} className="visually-hidden" type="file" accept="image/*" onChange={pick} />
      <label htmlFor={id}>
        <PictureIcon />
        <span>
          Start from a picture<span className="fine-only">: drop, paste or choose</span>
        </span>
      </label>
    </div>
  );
}
