const RESAMPLES = 2_000

/** The 95 % interval of a mean difference in pairs, by drawing the questions again (seeded). */
export function bootstrapInterval(differences) {
  const random = mulberry32(1)
  const means = Array.from({ length: RESAMPLES }, () => {
    let sum = 0
    for (let n = 0; n < differences.length; n++) {
      sum += differences[Math.floor(random() * differences.length)]
    }
    return sum / differences.length
  }).toSorted((a, b) => a - b)
  return [means[Math.floor(0.025 * RESAMPLES)], means[Math.floor(0.975 * RESAMPLES)]]
}

export function percentile(values, percent) {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor((percent / 100) * sorted.length))] ?? 0
}

/** `.614`, `-.020` */
export function figure(value) {
  return value.toFixed(3).replace(/^(-?)0\./, '$1.')
}

export function table(heading, rows) {
  return [heading, heading.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`)
}

/** A small generator of random numbers that gives the same ones everywhere. */
function mulberry32(seed) {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}
