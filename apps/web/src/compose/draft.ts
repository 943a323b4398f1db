import { useCallback, useEffect, useState } from 'react';
import type { Shape } from './model-choices.ts';

export interface Draft extends Shape {
  prompt: string;
}

const storageKey = 'darkroom.draft';
const blank: Draft = { prompt: '', model: '', ratio: '1:1', size: '1K' };
const filled = 'darkroom:draft';

/** The content of the form, kept over a reload of this tab. */
export function useDraft(): [Draft, (part: Partial<Draft>) => void] {
  const [draft, setDraft] = useState(read);
  const change = useCallback((part: Partial<Draft>) => setDraft((before) => ({ ...before, ...part })), []);
  useEffect(() => sessionStorage.setItem(storageKey, JSON.stringify(draft)), [draft]);
  useEffect(() => {
    const onFilled = () => setDraft(read());
    addEventListener(filled, onFilled);
    return () => removeEventListener(filled, onFilled);
  }, []);
  return [draft, change];
}

/** Fills in parts of the form from anywhere in the page. */
export function fillDraft(part: Partial<Draft>): void {
  sessionStorage.setItem(storageKey, JSON.stringify({ ...read(), ...part }));
  dispatchEvent(new Event(filled));
}

function read(): Draft {
  try {
    return { ...blank, ...JSON.parse(sessionStorage.getItem(storageKey) ?? '{}') };
  } catch {
    return blank;
  }
}
