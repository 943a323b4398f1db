/** The settings of every local server; the caller's settings override them. */
const SETTINGS: Record<string, string> = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '200',
  shared_buffers: '64MB',
  dynamic_shared_memory_type: 'mmap',
  wal_level: 'logical',
  max_wal_senders: '20',
  max_replication_slots: '20',
  timezone: 'UTC',
  log_timezone: 'UTC',
  log_line_prefix: '%m [%p] %q%u@%d ',
  logging_collector: 'off',
};

/**
 * Temporary data need not survive a crash of the machine. It survives a crash of the server, because every commit still
 * reaches the operating system before it is acknowledged; tests with crashes rely on that.
 */
const TEMPORARY: Record<string, string> = {
  fsync: 'off',
  full_page_writes: 'off',
};

export function serverSettings(port: number, temporary: boolean, own: Record<string, string>): string[] {
  const settings = { ...SETTINGS, ...(temporary ? TEMPORARY : {}), ...own, port: String(port) };
  return Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}
