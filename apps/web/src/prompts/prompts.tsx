import type { Prompt } from '@darkroom/client';
import { type FormEvent, useState } from 'react';
import { fillDraft } from '../compose/draft.ts';
import { goTo } from '../shell/route.ts';
import { useStudio, useStudioState } from '../studio/context.tsx';
import { problemWords } from '../studio/problem-words.ts';

/** Saved prompts: add, use, edit and delete them. */
export function Prompts() {
  const studio = useStudio();
  const { prompts } = useStudioState();
  const [problem, setProblem] = useState<string | null>(null);

  async function change(work: () => Promise<unknown>, announcement: string): Promise<boolean> {
    try {
      await work();
      await studio.readPrompts();
      studio.announce(announcement);
      setProblem(null);
      return true;
    } catch (error) {
      setProblem(problemWords(error));
      return false;
    }
  }

  return (
    <section className="page" aria-labelledby="page-title">
      <h1 id="page-title" tabIndex={-1}>
        Saved prompts
      </h1>
      {problem && (
        <p className="problem" role="alert">
          {problem}
        </p>
      )}
      <PromptForm
        label="Add a prompt"
        onSave={(input) => change(() => studio.darkroom.prompts.create(input), 'Prompt saved.')}
      />
      {prompts?.length === 0 && (
        <div className="empty">
          <p>No saved prompts yet.</p>
          <p className="hint">Save the ones that work, here or in the studio.</p>
        </div>
      )}
      <ul className="prompts">
        {prompts?.map((prompt) => (
          <PromptCard
            key={prompt.id}
            prompt={prompt}
            onSave={(input) =>
              change(() => studio.darkroom.prompts.update(prompt.id, input), 'Prompt changed.')
            }
            onDelete={() => change(() => studio.darkroom.prompts.delete(prompt.id), 'Prompt deleted.')}
          />
        ))}
      </ul>
    </section>
  );
}

type Save = (input: { prompt_text: string; title: string | null }) => Promise<boolean>;

function PromptCard(props: { prompt: Prompt; onSave: Save; onDelete: () => Promise<boolean> }) {
  const { prompt, onSave, onDelete } = props;
  const [isOpen, setIsOpen] = useState(false);
  const name = prompt.title ?? prompt.prompt_text.slice(0, 40);
  if (isOpen) {
    return (
      <li className="prompt-card">
        <PromptForm
          label={`Change ${name}`}
          prompt={prompt}
          onSave={async (input) => {
            const saved = await onSave(input);
            if (saved) setIsOpen(false);
            return saved;
          }}
        />
      </li>
    );
  }
  return (
    <li className="prompt-card">
      {prompt.thumbnail_url && <img src={prompt.thumbnail_url} alt="" loading="lazy" />}
      {prompt.title && <h2>{prompt.title}</h2>}
      <p>{prompt.prompt_text}</p>
      <div className="caption-actions">
        <button
          type="button"
          className="button small"
          aria-label={`Use: ${name}`}
          onClick={() => {
            fillDraft({ prompt: prompt.prompt_text });
            goTo('studio');
          }}
        >
          Use
        </button>
        <button
          type="button"
          className="button quiet small"
          aria-label={`Edit: ${name}`}
          onClick={() => setIsOpen(true)}
        >
          Edit
        </button>
        <button
          type="button"
          className="button quiet small danger"
          aria-label={`Delete: ${name}`}
          onClick={() => void onDelete()}
        >
          Delete
        </button>
      </div>
    </li>
  );
}

function PromptForm({ label, prompt, onSave }: { label: string; prompt?: Prompt; onSave: Save }) {
  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = event.currentTarget;
    const fields = new FormData(form);
    const prompt_text = String(fields.get('prompt_text')).trim();
    const title = String(fields.get('title')).trim() || null;
    if (prompt_text && (await onSave({ prompt_text, title })) && !prompt) form.reset();
  }
  const id = prompt?.id ?? 'new';
  return (
    <form className="prompt-form" aria-label={label} onSubmit={(event) => void submit(event)}>
      <label htmlFor={`title-${id}`}>Title (optional)</label>
      <input id={`title-${id}`} name="title" maxLength={100} defaultValue={prompt?.title ?? ''} />
      <label htmlFor={`text-${id}`}>Prompt</label>
      <textarea
        id={`text-${id}`}
        name="prompt_text"
        rows={2}
        required
        maxLength={4_000}
        defaultValue={prompt?.prompt_text ?? ''}
      />
      <button type="submit" className="button">
        {prompt ? 'Save' : 'Add'}
      </button>
    </form>
  );
}
