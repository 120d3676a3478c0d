/** Repeats a task while the page is visible, each time some seconds after the last one ended. */
export function poll(task: () => Promise<unknown>, seconds: number): () => void {
  let stopped = false;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const run = async (): Promise<void> => {
    if (stopped) return;
    if (!document.hidden) await task().catch(() => undefined);
    if (!stopped) timer = setTimeout(run, seconds * 1000);
  };
  const onVisible = (): void => {
    if (document.hidden || stopped) return;
    clearTimeout(timer);
    void run();
  };
  document.addEventListener('visibilitychange', onVisible);
  timer = setTimeout(run, seconds * 1000);
  return () => {
    stopped = true;
    clearTimeout(timer);
    document.removeEventListener('visibilitychange', onVisible);
  };
}
