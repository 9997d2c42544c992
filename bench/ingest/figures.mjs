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
