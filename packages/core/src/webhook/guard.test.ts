import { describe, expect, test } from 'vitest';
import { isAllowedAddress, refuseWebhookUrl } from './guard.ts';

const publicly = { allowPrivate: false };
const privately = { allowPrivate: true };

describe('a URL for webhooks', () => {
  test.each([
    'https://hooks.example.com/darkroom?key=1',
    'https://hooks.example.com:8443/',
    'https://EXAMPLE.com.',
    'https://93.184.215.14/',
    'https://[2606:4700:4700::1111]/',
  ])('is taken: %s', (url) => {
    expect(refuseWebhookUrl(url, publicly)).toBeNull();
  });

  test.each([
    ['no https', 'http://example.com/'],
    ['another protocol', 'ftp://example.com/'],
    ['a file', 'file:///etc/passwd'],
    ['a user name', 'https://user@example.com/'],
    ['a password', 'https://user:pass@example.com/'],
    ['a port where no web server of the public is', 'https://example.com:22/'],
    ['a plain name', 'https://redis/'],
    ['this machine by name', 'https://localhost/'],
    ['this machine by another name', 'https://x.localhost/'],
    ['a name of the inner network', 'https://metadata.google.internal/'],
    ['a name of the inner network that ends in a dot', 'https://metadata.google.internal./'],
    ['a name of the local link', 'https://printer.local/'],
    ['this machine', 'https://127.0.0.1/'],
    ['this machine in one number', 'https://2130706433/'],
    ['this machine in hexadecimal', 'https://0x7f.1/'],
    ['this machine in octal', 'https://0177.0.0.1/'],
    ['this machine in IPv6', 'https://[::1]/'],
    ['this machine as IPv4 in IPv6', 'https://[::ffff:127.0.0.1]/'],
    ['any address of this machine', 'https://0.0.0.0/'],
    ['cloud metadata', 'https://169.254.169.254/latest/meta-data/'],
    ['a private network', 'https://10.1.2.3/'],
    ['nothing that is a URL', 'example.com'],
  ])('is refused with %s', (_, url) => {
    expect(refuseWebhookUrl(url, publicly)).toMatch(/^Must /);
  });

  test('may be of this machine in development, of the metadata service never', () => {
    for (const url of [
      'http://127.0.0.1:4000/',
      'http://localhost:4000/',
      'http://web:3000/',
      'https://10.1.2.3/',
    ]) {
      expect(refuseWebhookUrl(url, privately), url).toBeNull();
    }
    for (const url of [
      'http://169.254.169.254/',
      'http://[fd00:ec2::254]/',
      'http://0.0.0.0/',
      'http://a:b@x/',
    ]) {
      expect(refuseWebhookUrl(url, privately), url).not.toBeNull();
    }
  });
});

describe('an address', () => {
  test.each([
    '0.0.0.0',
    '0.1.2.3',
    '10.0.0.1',
    '100.64.0.1',
    '127.0.0.1',
    '127.255.0.1',
    '169.254.169.254',
    '172.16.0.1',
    '172.31.255.255',
    '192.0.0.1',
    '192.0.2.1',
    '192.168.1.1',
    '198.18.0.1',
    '203.0.113.7',
    '224.0.0.1',
    '240.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    '::7f00:1',
    '::ffff:10.0.0.1',
    '::ffff:169.254.169.254',
    '64:ff9b::a00:1',
    '2001:db8::1',
    '2002:a00:1::1',
    '2001:0:a00:1::1',
    'fc00::1',
    'fd00:ec2::254',
    'fe80::1',
    'fe80::1%eth0',
    'fec0::1',
    'ff02::1',
    '4000::1',
    '',
    'example.com',
  ])('that is not public is refused: %s', (address) => {
    expect(isAllowedAddress(address, publicly)).toBe(false);
  });

  test.each(['1.1.1.1', '93.184.215.14', '172.32.0.1', '::ffff:1.1.1.1', '2606:4700:4700::1111'])(
    'that is public is taken: %s',
    (address) => {
      expect(isAllowedAddress(address, publicly)).toBe(true);
    },
  );
});
