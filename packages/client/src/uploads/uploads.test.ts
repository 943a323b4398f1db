import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createDarkroom } from '../darkroom.ts';
import type { Fetch } from '../http/fetch.ts';
import { broken, json, url } from '../testing/fake-api.ts';
import { freezeTime, pass, rejectionOf } from '../testing/harness.ts';

beforeEach(freezeTime);
afterEach(() => {
  vi.useRealTimers();
});

const ticket = {
  key: 'users/user_ada/uploads/1.png',
  url: 'https://bucket.test/users/user_ada/uploads/1.png?signature',
  method: 'PUT',
  headers: { 'content-type': 'image/png' },
  expires_at: '2026-01-01T00:10:00.000Z',
};

function open(bucket: () => Response | Promise<Response>) {
  const requests: { url: string; init: Parameters<Fetch>[1] }[] = [];
  const darkroom = createDarkroom({
    url: `${url}/`,
    getToken: () => 'token',
    fetch: async (address, init) => {
      requests.push({ url: address, init });
      return address === ticket.url ? bucket() : json(200, ticket);
    },
  });
  return { darkroom, requests };
}

describe('an upload', () => {
  it.each([
    ['a Blob', new Blob([new Uint8Array(5)], { type: 'image/png' }), undefined],
    ['bytes', new Uint8Array(5), 'image/png'],
    ['a buffer', new ArrayBuffer(5), 'image/png'],
  ])(
    'of %s gets a signed URL for its type and length, and is sent to the bucket without the token',
    async (_, image, contentType) => {
      const { darkroom, requests } = open(() => new Response(null));
      expect(await darkroom.uploads.put(image, { contentType })).toEqual({ key: ticket.key });
      expect(requests.map(({ url, init }) => [init.method, url])).toEqual([
        ['POST', `${url}/v1/uploads`],
        ['PUT', ticket.url],
      ]);
      expect(requests[0]!.init.body).toBe('{"content_type":"image/png","content_length":5}');
      expect(requests[1]!.init).toMatchObject({ headers: ticket.headers, body: image });
      expect(requests[1]!.init.headers).not.toHaveProperty('authorization');
    },
  );

  it('is sent again when the connection breaks, but not when the bucket rejects it', async () => {
    let tries = 0;
    const { darkroom } = open(() => {
      tries += 1;
      if (tries === 1) throw broken();
      return new Response('<Error/>', { status: 403 });
    });
    const rejection = rejectionOf(darkroom.uploads.put(new Uint8Array(5), { contentType: 'image/png' }));
    await pass(1_000);
    expect(await rejection).toMatchObject({ code: 'upload_failed', status: 403 });
    expect(tries).toBe(2);
  });
});
