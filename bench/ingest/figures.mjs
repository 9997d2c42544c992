/** The value below which a share of the values lies; they are sorted in place. */
export function quantile(values, share) {
  values.sort((a, b) => a - b)
  return values[Math.min(values.length - 1, Math.floor(values.length * share))] ?? 0
}

/** `p50 1, p90 2, p99 3, max 4` */
export function spread(values, digits = 0) {
  const shares = [0.5, 0.9, 0.99, 1]
  const [p50, p90, p99, max] = shares.map((share) => quantile(values, share).toFixed(digits))
  return `p50 ${p50}, p90 ${p90}, p99 ${p99}, max ${max}`
}

export const megabytes = (bytes) => `${(bytes / 1e6).toFixed(1)} MB`

/** One line of the report. */
export function print(name, value) {
  console.log(`${name.padEnd(52)}${value}`)
}

/**
 * Processor time since a `process.cpuUsage()`, that of the collector's and the compiler's threads
 * included. On a machine that is shared it moves less than time on the clock.
 */
export function cpuMs(started) {
  const { user, system } = process.cpuUsage(started)
  return (user + system) / 1000
}
