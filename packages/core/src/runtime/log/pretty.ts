import { Writable } from 'node:stream';
import pretty from 'pino-pretty';

/** Formats JSON lines for people and writes them to `sink`, without a worker thread. */
export function pinoPretty(sink: { write(line: string): void }): { write(line: string): void } {
  const destination = new Writable({
    write(chunk, _encoding, done) {
      sink.write(String(chunk));
      done();
    },
  });
  return pretty({
    destination,
    sync: true,
    colorize: true,
    translateTime: 'SYS:HH:MM:ss.l',
    ignore: 'event',
  });
}
