/** As much of each peer's interface as its adapter calls, so that the types hold where the peers are not installed. */

declare module '@xenova/transformers' {
  /** From bench/peers/no-model, which stands in for the package. */
  export function teach(text: string, vector: readonly number[]): void;
}

declare module '@babycommando/entity-db' {
  interface Found {
    ordinal: number;
    distance: number;
  }
  export class EntityDB {
    constructor(options: { vectorPath: string });
    insertManualVectors(data: { vector: BigUint64Array; ordinal: number }): Promise<number>;
    insertManualVectors(data: { vector: number[]; id: string; title: string; text: string }): Promise<number>;
    queryManualVectors(vector: number[], options: { limit: number }): Promise<{ id: string }[]>;
    queryBinary(text: string, options: { limit: number }): Promise<Found[]>;
    queryBinarySIMD(text: string, options: { limit: number }): Promise<Found[]>;
  }
}

declare module 'edgevec' {
  interface Found {
    id: number;
    score: number;
  }
  export default function init(): Promise<unknown>;
  export enum JsIndexType {
    Flat = 0,
    Hnsw = 1,
  }
  export enum MetricType {
    Hamming = 3,
  }
  export enum VectorType {
    Binary = 1,
  }
  export class EdgeVecConfig {
    constructor(dimensions: number);
    indexType: JsIndexType;
    vector_type: VectorType;
    setMetricType(metric: MetricType): void;
  }
  export class EdgeVec {
    constructor(config: EdgeVecConfig);
    insertBinary(code: Uint8Array): number;
    searchBinary(code: Uint8Array, k: number): Found[];
    searchBinaryWithEf(code: Uint8Array, k: number, ef: number): Found[];
    free(): void;
  }
}

declare module 'sqlite-vec' {
  export function load(database: { loadExtension(path: string): void }): void;
}

declare module 'sqlite-vec-wasm-demo' {
  interface Statement {
    bind(values: readonly (Uint8Array | number)[]): Statement;
    step(): boolean;
    getInt(column: number): number | undefined;
    stepReset(): Statement;
    reset(): Statement;
    finalize(): void;
  }
  interface Database {
    exec(sql: string): unknown;
    prepare(sql: string): Statement;
    close(): void;
  }
  export default function init(): Promise<{ oo1: { DB: new (name: string) => Database } }>;
}

declare module '@electric-sql/pglite' {
  export class PGlite {
    static create(options: { extensions: Record<string, unknown>; dataDir?: string }): Promise<PGlite>;
    exec(sql: string): Promise<unknown>;
    query<Row>(sql: string, values?: readonly unknown[]): Promise<{ rows: Row[] }>;
    close(): Promise<void>;
  }
}

declare module '@electric-sql/pglite-pgvector' {
  export const vector: unknown;
}

declare module 'usearch' {
  interface Matches {
    keys: BigUint64Array;
  }
  export class Index {
    constructor(options: {
      dimensions: number;
      metric: 'hamming';
      quantization: 'b1';
      connectivity: number;
      expansion_add: number;
      expansion_search: number;
      multi: boolean;
    });
    add(keys: BigUint64Array, vectors: Int8Array, threads: number): void;
    search(vector: Int8Array, k: number, threads: number): Matches;
  }
  export function exactSearch(
    vectors: Int8Array,
    query: Int8Array,
    dim: number,
    k: number,
    metric: 'ip',
    threads: number,
  ): Matches;
}

declare module 'hnswlib-wasm' {
  interface Graph {
    initIndex(n: number, m: number, efConstruction: number, seed: number): void;
    addPoints(vectors: Float32Array[], labels: number[], replaceDeleted: boolean): void;
    setEfSearch(ef: number): void;
    searchKnn(vector: Float32Array, k: number, filter: undefined): { neighbors: number[] };
  }
  export function loadHnswlib(): Promise<{
    HierarchicalNSW: new (space: 'cosine', dim: number, autoSaveFile: string) => Graph;
  }>;
}

declare module 'voy-search/voy_search_bg.js' {
  interface Resource {
    embeddings: { id: string; title: string; url: string; embeddings: number[] }[];
  }
  export function __wbg_set_wasm(exports: WebAssembly.Exports): void;
  export class Voy {
    constructor(resource?: Resource);
    search(vector: Float32Array, k: number): { neighbors: { id: string }[] };
    free(): void;
  }
}

declare module '@orama/orama' {
  export interface Orama {
    readonly data: unknown;
  }
  export function create(options: { schema: Record<string, string> }): Orama;
  export function insertMultiple(
    index: Orama,
    documents: { id: string; embedding: number[]; title?: string; text?: string }[],
    batchSize: number,
  ): Promise<string[]>;
  export function search(
    index: Orama,
    options: { term: string; limit: number; boost: Record<string, number> },
  ): Promise<{ hits: { id: string }[] }> | { hits: { id: string }[] };
  export function searchVector(
    index: Orama,
    options: {
      vector: { value: Float32Array | number[]; property: string };
      similarity: number;
      limit: number;
    },
  ): Promise<{ hits: { id: string }[] }> | { hits: { id: string }[] };
}

declare module '@orama/plugin-data-persistence' {
  import type { Orama } from '@orama/orama';
  export function persist(index: Orama, format: 'binary' | 'json'): Promise<string>;
  export function restore(format: 'binary' | 'json', data: string): Promise<Orama>;
}

declare module 'minisearch' {
  interface Options {
    fields: string[];
    searchOptions: { boost: Record<string, number> };
  }
  export default class MiniSearch {
    constructor(options: Options);
    static loadJSON(json: string, options: Options): MiniSearch;
    addAll(rows: { id: string; title: string; text: string }[]): void;
    search(query: string): { id: string }[];
    toJSON(): object;
  }
}

declare module 'client-vector-search' {
  export class EmbeddingIndex {
    constructor(objects: { ordinal: number; embedding: number[] }[]);
    search(
      vector: number[],
      options: { topK: number; useStorage: 'none' },
    ): Promise<{ object: { ordinal: number } }[]>;
    clear(): void;
  }
}
