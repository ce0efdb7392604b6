import type { Instant } from "../../domain/license.ts";
import type { DataFile } from "./scan-file.ts";

/** Where exports lie: a bucket's prefix, or a folder. */
export interface ExportFiles {
  /** For messages: `s3://bucket/prefix/` or a path. */
  readonly title: string;
  /** Everything below, however many there are. */
  list(): Promise<readonly ListedFile[]>;
  /** Opens that version of the file; another one fails with a Moved. */
  open(file: ListedFile): DataFile;
  /**
   * Times say what was written before what. In a bucket AWS writes the manifest last
   * (protocol-facts E4); a copied folder has the times of the copying.
   */
  readonly timesAreAws: boolean;
}

export interface ListedFile {
  /** Below the location, with slashes. */
  readonly path: string;
  readonly bytes: number;
  /** Changes with the content: an ETag, or time and size. */
  readonly version: string;
  readonly modifiedAt: Instant;
}

/** The files were replaced while they were read: the next delivery is under way. */
export class Moved extends Error {
  override readonly name = "Moved";
}

/** The text of a small file, such as a manifest. */
export async function textOf(files: ExportFiles, file: ListedFile): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of await files.open(file).stream()) pieces.push(piece as Buffer);
  return Buffer.concat(pieces).toString("utf8");
}
