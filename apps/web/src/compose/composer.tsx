import { type ClipboardEvent, type DragEvent, type FormEvent, type KeyboardEvent, useState } from 'react';
import { useStudio, useStudioState } from '../studio/context.tsx';
import { problemWords } from '../studio/problem-words.ts';
import { useDraft } from './draft.ts';
import { InputImage } from './input-image.tsx';
import { choices, modelName } from './model-choices.ts';
import { RatioPicker, SizePicker } from './shape-picker.tsx';
import { shrinkImage } from './shrink.ts';
import { usePrice } from './use-price.ts';

const maxPrompt = 4_000;

/** The form: prompt, model, shape and price, and an optional image to start from. */
export function Composer() {
  const studio = useStudio();
  const { models: listed, prompts, credits } = useStudioState();
  const [draft, change] = useDraft();
  const [image, setImage] = useState<Blob | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const [isDragOver, setIsDragOver] = useState(false);
  const models = listed ?? [];
  const { ratios, sizes } = choices(models, draft.model);
  const price = usePrice(models, draft);
  const isShort = price !== null && credits !== null && price > credits;

  async function setFile(file: Blob) {
    try {
      setImage(await shrinkImage(file));
      setProblem(null);
    } catch {
      setProblem('The browser cannot read this file as an image. Choose a JPEG, PNG or WebP.');
    }
  }

  function submit(event?: FormEvent) {
    event?.preventDefault();
    const prompt = draft.prompt.trim();
    if (!prompt) {
      setProblem('Describe what the image should show.');
      document.getElementById('prompt')?.focus();
      return;
    }
    setProblem(null);
    const { model, ratio, size } = draft;
    void studio.send({ prompt, model: model || null, aspect_ratio: ratio, image_size: size }, image);
    change({ prompt: '' });
    setImage(null);
    showJobs();
  }

  function chooseModel(model: string) {
    const can = choices(models, model);
    change({
      model,
      ratio: can.ratios.includes(draft.ratio) ? draft.ratio : (can.ratios[0] ?? '1:1'),
      size: can.sizes.includes(draft.size) ? draft.size : (can.sizes[0] ?? '1K'),
    });
  }

  async function save() {
    try {
      await studio.darkroom.prompts.create({ prompt_text: draft.prompt.trim() });
      await studio.readPrompts();
      studio.announce('Prompt saved.');
    } catch (error) {
      setProblem(problemWords(error));
    }
  }

  function onDrop(event: DragEvent) {
    event.preventDefault();
    setIsDragOver(false);
    const file = event.dataTransfer.files[0];
    if (file) void setFile(file);
  }

  function onPaste(event: ClipboardEvent) {
    const file = [...event.clipboardData.files].find(({ type }) => type.startsWith('image/'));
    if (!file) return;
    event.preventDefault();
    void setFile(file);
  }

  function onKeyDown(event: KeyboardEvent) {
    if (event.key === 'Enter' && (event.metaKey || event.ctrlKey)) submit(event);
  }

  return (
    <form
      className={`composer${isDragOver ? ' over' : ''}`}
      aria-label="New image"
      onSubmit={submit}
      onPaste={onPaste}
      onDrop={onDrop}
      onDragOver={(event) => {
        event.preventDefault();
        setIsDragOver(true);
      }}
      onDragLeave={() => setIsDragOver(false)}
      noValidate
    >
      <div className="prompt-field">
        <label htmlFor="prompt">What should the image show?</label>
        <textarea
          id="prompt"
          rows={3}
          maxLength={maxPrompt}
          placeholder="For example: a red fox with a cup of tea on a hill under the moon, gouache"
          value={draft.prompt}
          aria-describedby={problem ? 'problem' : undefined}
          aria-invalid={problem ? true : undefined}
          onChange={({ target }) => change({ prompt: target.value })}
          onKeyDown={onKeyDown}
        />
        {prompts && (
          <button
            type="button"
            className="button quiet small"
            disabled={!draft.prompt.trim()}
            onClick={() => void save()}
          >
            Save this prompt
          </button>
        )}
      </div>
      <InputImage image={image} onPick={(file) => void setFile(file)} onRemove={() => setImage(null)} />
      {models.length > 0 && (
        <div className="field">
          <label htmlFor="model">Model</label>
          <select id="model" value={draft.model} onChange={({ target }) => chooseModel(target.value)}>
            <option value="">Automatic</option>
            {models.map(({ id, available, recent_median_seconds: seconds }) => (
              <option key={id} value={id}>
                {modelName(id)}
                {seconds === null ? '' : ` · about ${Math.round(seconds)} s`}
                {available ? '' : ' · unavailable now'}
              </option>
            ))}
          </select>
        </div>
      )}
      <RatioPicker
        legend="Aspect ratio"
        name="ratio"
        values={ratios}
        value={draft.ratio}
        onChange={(ratio) => change({ ratio })}
      />
      <SizePicker
        legend="Size"
        name="size"
        values={sizes}
        value={draft.size}
        onChange={(size) => change({ size })}
      />
      {problem && (
        <p id="problem" className="problem" role="alert">
          {problem}
        </p>
      )}
      <div className="composer-end">
        <p className="price" aria-live="polite">
          {price === null ? '' : <PriceWords price={price} isShort={isShort} />}
        </p>
        <button type="submit" className="button primary">
          Generate
        </button>
      </div>
    </form>
  );
}

/** On a phone the jobs are below the form: scroll to the new one. */
function showJobs(): void {
  const title = document.getElementById('jobs-title');
  if (title && title.getBoundingClientRect().top > innerHeight * 0.6)
    title.scrollIntoView({ block: 'start' });
}

function PriceWords({ price, isShort }: { price: number; isShort: boolean }) {
  return (
    <>
      <strong>{price}</strong> {price === 1 ? 'credit' : 'credits'}
      {isShort && <span className="short"> · more than you have</span>}
    </>
  );
}
