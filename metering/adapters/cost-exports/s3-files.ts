import { GetObjectCommand, paginateListObjectsV2, type S3Client } from "@aws-sdk/client-s3";
import { Readable } from "node:stream";
import { type ExportFiles, type ListedFile, Moved } from "./export-files.ts";

/** Exports as AWS delivers them to a bucket: the seller's, or one that the seller may read. */
export function s3Files(client: S3Client, bucket: string, prefix: string): ExportFiles {
  const get = async ({ path, version }: ListedFile, range?: string) => {
    const command = new GetObjectCommand({
      Bucket: bucket,
      Key: prefix + path,
      // A delivery that overwrites must not give half of the old and half of the new.
      IfMatch: version,
      ...(range === undefined ? {} : { Range: range }),
    });
    const { Body } = await client.send(command).catch((error: Error) => {
      const isMoved = error.name === "PreconditionFailed" || error.name === "NoSuchKey";
      throw isMoved ? new Moved(path, { cause: error }) : error;
    });
    if (Body === undefined) throw new Error(`s3://${bucket}/${prefix}${path} came without a body`);
    return Body;
  };
  return {
    title: `s3://${bucket}/${prefix}`,
    timesAreAws: true,
    async list() {
      const files: ListedFile[] = [];
      const pages = paginateListObjectsV2({ client }, { Bucket: bucket, Prefix: prefix });
      for await (const { Contents = [] } of pages) {
        for (const { Key = "", ETag = "", Size = 0, LastModified } of Contents) {
          files.push({
            path: Key.slice(prefix.length),
            bytes: Size,
            version: ETag,
            modifiedAt: LastModified?.getTime() ?? 0,
          });
        }
      }
      return files;
    },
    open: (file) => ({
      name: `s3://${bucket}/${prefix}${file.path}`,
      bytes: file.bytes,
      async stream() {
        return Readable.fromWeb((await get(file)).transformToWebStream() as never);
      },
      async slice(start, end) {
        const body = await get(file, `bytes=${start}-${end - 1}`);
        const bytes = await body.transformToByteArray();
        return new Uint8Array(bytes).buffer;
      },
    }),
  };
}
