import type { Exit, ManagedProcess } from '@darkroom/local/processes/spawn';
import { stopProcess } from '@darkroom/local/processes/stop';

/** Processes of one kind. Every one that ends must have been ended here. */
export interface Fleet<Member extends ManagedProcess> {
  /** Those that have not been ended, frozen ones included, oldest first. */
  readonly members: readonly Member[];
  /** What went wrong: ended by itself, or with another exit code than 0 when asked to end. */
  readonly complaints: readonly string[];
  /** `overrides` are variables of this one alone. */
  add(overrides?: Record<string, string>): Promise<Member>;
  /** SIGKILL. Resolves when it is gone. */
  kill(member: Member): Promise<void>;
  /** SIGTERM; SIGKILL after `graceMs`, which is a complaint. */
  retire(member: Member, options: { graceMs: number }): Promise<Exit>;
  /** SIGSTOP, SIGCONT. */
  freeze(member: Member): void;
  wake(member: Member): void;
  /** Wakes everyone, and makes it `size` members again. */
  restore(size: number): Promise<void>;
  stop(options: { graceMs: number }): Promise<void>;
}

export function createFleet<Member extends ManagedProcess>(
  start: (overrides?: Record<string, string>) => Promise<Member>,
): Fleet<Member> {
  let members: Member[] = [];
  const complaints: string[] = [];

  const fleet: Fleet<Member> = {
    get members() {
      return members;
    },
    complaints,
    async add(overrides) {
      const member = await start(overrides);
      members.push(member);
      void member.exited.then(({ code, signal }) => {
        if (!members.includes(member)) return;
        leave(member);
        complaints.push(`${member.name} (pid ${member.pid}) ended by itself: ${signal ?? `code ${code}`}`);
      });
      return member;
    },
    async kill(member) {
      leave(member);
      member.child.kill('SIGKILL');
      await member.exited;
    },
    async retire(member, { graceMs }) {
      leave(member);
      const exit = await stopProcess(member, { graceMs });
      if (exit.code !== 0) {
        complaints.push(
          `${member.name} (pid ${member.pid}) was asked to end: ${exit.signal ?? `code ${exit.code}`}`,
        );
      }
      return exit;
    },
    freeze: (member) => void member.child.kill('SIGSTOP'),
    wake: (member) => void member.child.kill('SIGCONT'),
    async restore(size) {
      for (const member of members) fleet.wake(member);
      const missing = Math.max(0, size - members.length);
      await Promise.all(Array.from({ length: missing }, () => fleet.add()));
    },
    async stop({ graceMs }) {
      await Promise.all([...members].map((member) => fleet.retire(member, { graceMs })));
    },
  };

  function leave(member: Member): void {
    members = members.filter((one) => one !== member);
  }
  return fleet;
}
