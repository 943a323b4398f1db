import { describe, expect, test } from 'vitest';
import { clientAddress, parseTrustedProxies, senderOf } from './client-address.ts';

const nobody = parseTrustedProxies([]);
const ours = parseTrustedProxies(['10.0.0.0/8', '2001:db8::1']);
const insiders = parseTrustedProxies(['private']);

describe('a client is', () => {
  test.each([
    [
      'the peer, whatever a header says, where nobody is trusted',
      '203.0.113.9',
      '1.1.1.1',
      nobody,
      '203.0.113.9',
    ],
    ['the peer, if it is none of our proxies', '203.0.113.9', '1.1.1.1', ours, '203.0.113.9'],
    ['who our proxy names', '10.0.0.1', '1.1.1.1', ours, '1.1.1.1'],
    [
      'whom the last stranger is, not what that stranger says',
      '10.0.0.1',
      '8.8.8.8, 1.1.1.1, 10.2.0.1',
      ours,
      '1.1.1.1',
    ],
    ['our proxy itself, without a header', '10.0.0.1', undefined, ours, '10.0.0.1'],
    ['the first that can be read', '10.0.0.1', 'x; drop, 10.0.0.7', ours, '10.0.0.7'],
    ['read with its port', '2001:db8::1', '[2001:db8::5]:443', ours, '2001:db8::5'],
    ['IPv4 where it is written as IPv6', '::ffff:10.0.0.1', '1.1.1.1:80', ours, '1.1.1.1'],
    ['behind any private network', '::1', '1.1.1.1, 192.168.0.4, 172.16.1.1', insiders, '1.1.1.1'],
    ['nobody without a connection', undefined, '1.1.1.1', insiders, null],
  ])('%s', (_, peer, header, trusted, client) => {
    expect(clientAddress(peer, header, trusted)).toBe(client);
  });
});

test('a household with IPv6 is one sender', () => {
  expect(senderOf('2001:db8:1:2:3:4:5:6')).toBe(senderOf('2001:db8:1:2:ffff::1'));
  expect(senderOf('2001:db8:1:2::1')).not.toBe(senderOf('2001:db8:1:3::1'));
  expect(senderOf('1.2.3.4')).toBe('1.2.3.4');
});

test('what is no network is named', () => {
  expect(() => parseTrustedProxies(['10.0.0.0/8', 'proxy.local'])).toThrow('proxy.local');
});
