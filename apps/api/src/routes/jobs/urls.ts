/** Where a job can be read and canceled; paths, so that they hold behind any proxy. */
export function jobUrls(jobId: string): { self: string; cancel: string } {
  const self = `/v1/jobs/${jobId}`;
  return { self, cancel: `${self}/cancel` };
}
