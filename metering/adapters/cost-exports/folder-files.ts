import { createReadStream } from "node:fs";
import { open, readdir, stat } from "node:fs/promises";
import { join, relative, resolve, sep } from "node:path";
import { type ExportFiles, type ListedFile, Moved } from "./export-files.ts";

/** Bytes: larger pieces than Node's, so that fewer records lie across a border. */
const PIECE = 256 * 1024;

/** Exports in a folder: as AWS laid them out, or any cost files. One file is a folder of one. */
export function folderFiles(location: string): ExportFiles {
  const root = resolve(location);
  const pathTo = ({ path }: ListedFile) => (path === "" ? root : join(root, ...path.split("/")));
  const listed = async (file: string): Promise<ListedFile> => {
    const { size, mtimeMs } = await stat(file);
    const path = relative(root, file).split(sep).join("/");
    return { path, bytes: size, version: `${mtimeMs}-${size}`, modifiedAt: mtimeMs };
  };
  const check = async (file: ListedFile) => {
    if ((await listed(pathTo(file))).version !== file.version) throw new Moved(pathTo(file));
  };
  return {
    title: location,
    timesAreAws: false,
    async list() {
      if ((await stat(root)).isFile()) return [await listed(root)];
      const entries = await readdir(root, { recursive: true, withFileTypes: true });
      const files = entries.filter((entry) => entry.isFile());
      return Promise.all(files.map(({ parentPath, name }) => listed(join(parentPath, name))));
    },
    open: (file) => ({
      name: pathTo(file),
      bytes: file.bytes,
      async stream() {
        await check(file);
        return createReadStream(pathTo(file), { highWaterMark: PIECE });
      },
      async slice(start, end) {
        await check(file);
        const handle = await open(pathTo(file));
        try {
          const bytes = new Uint8Array(end - start);
          const { bytesRead } = await handle.read(bytes, 0, bytes.length, start);
          if (bytesRead !== bytes.length) throw new Moved(pathTo(file));
          return bytes.buffer;
        } finally {
          await handle.close();
        }
      },
    }),
  };
}
