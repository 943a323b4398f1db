/** A Redis (or Valkey) that can be started here. */
export type RedisServer = RedisProgram | RedisImage;

export interface RedisProgram {
  kind: 'program';
  command: string;
  /** The variables by which the program finds its libraries. */
  env: Record<string, string>;
  /** The output of `--version`: "Redis server v=7.0.15 …". */
  version: string;
}

export interface RedisImage {
  kind: 'image';
  image: string;
  version: string;
}
