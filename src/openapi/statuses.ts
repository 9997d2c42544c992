/** Keys of an object that are statuses of answers, `2XX` too; `default` may be anything. */
export function statusesIn(holder: object): string[] {
  return Object.keys(holder).filter((key) => /^[1-5](?:\d\d|XX)$/i.test(key))
}
