import { dropNamespace } from '@darkroom/core/queue/namespace';

/** Removes the queue of a run that had one of its own; QUEUE_URL names its namespace. */
await dropNamespace({ url: process.env.QUEUE_URL ?? '' });
