// Loaded before a program: its clock goes wrong by CLOCK_SKEW_MS.
const skewMs = Number(process.env.CLOCK_SKEW_MS)
const RightDate = Date

globalThis.Date = class extends RightDate {
  constructor(...given) {
    if (given.length === 0) super(RightDate.now() + skewMs)
    else super(...given)
  }
  static now() {
    return RightDate.now() + skewMs
  }
}
