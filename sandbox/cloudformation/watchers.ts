/** Who wants to know when a stack changes: the pages that stream its events. */
export interface Watchers {
  tell(stackId: string): void;
  /** Calls back after every change; gives back how to stop. */
  watch(stackId: string, callback: (closed: boolean) => void): () => void;
  close(): void;
}

export function createWatchers(): Watchers {
  const watchers = new Set<{ stackId: string; callback: (closed: boolean) => void }>();
  return {
    tell(stackId) {
      for (const watcher of [...watchers]) if (watcher.stackId === stackId) watcher.callback(false);
    },
    watch(stackId, callback) {
      const watcher = { stackId, callback };
      watchers.add(watcher);
      return () => void watchers.delete(watcher);
    },
    close() {
      for (const watcher of [...watchers]) watcher.callback(true);
      watchers.clear();
    },
  };
}
