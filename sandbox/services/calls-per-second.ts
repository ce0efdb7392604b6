/** Whether one more call is within AWS's quota. Real seconds: it protects servers, not calendars. */
export function callsPerSecond(quota: number): (key: string) => boolean {
  const recent = new Map<string, number[]>();
  return (key) => {
    const now = performance.now();
    const calls = (recent.get(key) ?? []).filter((at) => at > now - 1000);
    const allowed = calls.length < quota;
    recent.set(key, allowed ? [...calls, now] : calls);
    return allowed;
  };
}
