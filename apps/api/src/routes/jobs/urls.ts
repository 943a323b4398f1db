export interface JobUrls {
  self: string;
  events: string;
  cancel: string;
}

/** Where a job can be read, followed and canceled; paths, so that they hold behind any proxy. */
export function jobUrls(jobId: string): JobUrls {
  const self = `/v1/jobs/${jobId}`;
  return { self, events: `${self}/events`, cancel: `${self}/cancel` };
}
