/** A Redis (or Valkey) that can be started here. */
export type RedisServer = RedisProgram | RedisImage;

export interface RedisProgram {
  kind: 'program';
  command: string;
  /** What the program needs to find its libraries. */
  env: Record<string, string>;
  /** The program's own words: "Redis server v=7.0.15 …". */
  version: string;
}

export interface RedisImage {
  kind: 'image';
  image: string;
  version: string;
}
