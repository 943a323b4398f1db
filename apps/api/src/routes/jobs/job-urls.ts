export interface JobUrls {
  self: string;
  events: string;
  cancel: string;
}

/** Where to read, follow and cancel a job. Relative paths, so that they are valid behind any proxy. */
export function jobUrls(jobId: string): JobUrls {
  const self = `/v1/jobs/${jobId}`;
  return { self, events: `${self}/events`, cancel: `${self}/cancel` };
}
