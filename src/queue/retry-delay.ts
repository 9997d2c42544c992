const MAX_DELAY_MS = 3_600_000

/**
 * Waits `base`, 2·`base`, 4·`base` … after failure 1, 2, 3 … (5, 10, 20, 40, 80 s by default),
 * ± 20 % so that jobs that failed together do not return together, one hour at most. Null when no
 * retry is left.
 */
export function retryDelayMs(
  failures: number,
  { retryBaseMs, maxRetries }: { retryBaseMs: number; maxRetries: number },
  random: () => number = Math.random,
): number | null {
  if (failures > maxRetries) return null
  return Math.min(MAX_DELAY_MS, retryBaseMs * 2 ** (failures - 1)) * (0.8 + 0.4 * random())
}
