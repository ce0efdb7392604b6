import { createHash } from "node:crypto";

/** Every bucket of the sandbox: S3's and CloudFormation's view are the same one. */
export interface Buckets {
  create(bucket: Bucket): "created" | "exists";
  get(name: string): Bucket | undefined;
  remove(name: string): "removed" | "not-empty" | "missing";
  /** Answers the ETag. Throws a RangeError when there is no such bucket. */
  put(object: NewObject): string;
  getObject(bucket: string, key: string): StoredObject | undefined;
  removeObject(bucket: string, key: string): void;
  keys(bucket: string): readonly string[];
  snapshot(): readonly SavedBucket[];
  restore(buckets: readonly SavedBucket[]): void;
}

export interface Bucket {
  readonly name: string;
  readonly accountId: string;
  readonly region: string;
  /** Anyone may read: templates are published so. Buckets that stacks make are private. */
  readonly publicRead: boolean;
}

export interface NewObject {
  readonly bucket: string;
  readonly key: string;
  readonly body: Buffer;
  readonly contentType: string;
  readonly at: number;
}

export interface StoredObject {
  readonly body: Buffer;
  readonly contentType: string;
  readonly etag: string;
  readonly lastModified: number;
}

interface SavedBucket extends Bucket {
  readonly objects: readonly {
    readonly key: string;
    readonly body: string;
    readonly contentType: string;
    readonly lastModified: number;
  }[];
}

/** S3's ETag of an object put in one piece. */
function etagOf(body: Buffer): string {
  return `"${createHash("md5").update(body).digest("hex")}"`;
}

export function createBuckets(): Buckets {
  const buckets = new Map<string, { bucket: Bucket; objects: Map<string, StoredObject> }>();
  const objectsOf = (name: string) => {
    const found = buckets.get(name);
    if (found === undefined) throw new RangeError(`there is no bucket ${name}`);
    return found.objects;
  };
  return {
    create(bucket) {
      if (buckets.has(bucket.name)) return "exists";
      buckets.set(bucket.name, { bucket, objects: new Map() });
      return "created";
    },
    get: (name) => buckets.get(name)?.bucket,
    remove(name) {
      const found = buckets.get(name);
      if (found === undefined) return "missing";
      if (found.objects.size > 0) return "not-empty";
      buckets.delete(name);
      return "removed";
    },
    put({ bucket, key, body, contentType, at }) {
      const etag = etagOf(body);
      objectsOf(bucket).set(key, { body, contentType, etag, lastModified: at });
      return etag;
    },
    getObject: (bucket, key) => buckets.get(bucket)?.objects.get(key),
    removeObject: (bucket, key) => void objectsOf(bucket).delete(key),
    keys: (bucket) => [...objectsOf(bucket).keys()].sort(),
    snapshot: () =>
      [...buckets.values()].map(({ bucket, objects }) => ({
        name: bucket.name,
        accountId: bucket.accountId,
        region: bucket.region,
        publicRead: bucket.publicRead,
        objects: [...objects].map(([key, { body, contentType, lastModified }]) => ({
          key,
          body: body.toString("base64"),
          contentType,
          lastModified,
        })),
      })),
    restore(saved) {
      buckets.clear();
      for (const { objects, ...bucket } of saved) {
        const restored = objects.map(({ key, body, contentType, lastModified }) => {
          const bytes = Buffer.from(body, "base64");
          return [key, { body: bytes, contentType, etag: etagOf(bytes), lastModified }] as const;
        });
        buckets.set(bucket.name, { bucket, objects: new Map(restored) });
      }
    },
  };
}
