/** The system account that a server runs as; undefined for the account of this process. */
export type Account = { name: string; uid: number; gid: number } | undefined;
