import { useCallback, useEffect, useState } from 'react';
import type { Shape } from './offer.ts';

export interface Draft extends Shape {
  prompt: string;
}

const storageKey = 'darkroom.draft';
const blank: Draft = { prompt: '', model: '', ratio: '1:1', size: '1K' };
const useAgain = 'darkroom:draft';

/** What is being written, kept over a reload of this tab. */
export function useDraft(): [Draft, (part: Partial<Draft>) => void] {
  const [draft, setDraft] = useState(read);
  const change = useCallback((part: Partial<Draft>) => setDraft((before) => ({ ...before, ...part })), []);
  useEffect(() => sessionStorage.setItem(storageKey, JSON.stringify(draft)), [draft]);
  useEffect(() => {
    const take = () => setDraft(read());
    addEventListener(useAgain, take);
    return () => removeEventListener(useAgain, take);
  }, []);
  return [draft, change];
}

/** Puts this into the form, wherever the form is. */
export function fillDraft(part: Partial<Draft>): void {
  sessionStorage.setItem(storageKey, JSON.stringify({ ...read(), ...part }));
  dispatchEvent(new Event(useAgain));
}

function read(): Draft {
  try {
    return { ...blank, ...JSON.parse(sessionStorage.getItem(storageKey) ?? '{}') };
  } catch {
    return blank;
  }
}
