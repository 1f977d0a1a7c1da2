/** The session as all contracts see it. */
export interface SheetSession {
  readonly seed: number
  readonly opensAt: number
  readonly seconds: number
  /** When the day before ended. */
  readonly previousEndsAt: number
  /** Share of the day's trading that is done, by second. */
  readonly activity: Float64Array
}

/** What makes one contract of the day. Values in rupees; seconds from the opening. */
export interface SheetContract {
  readonly token: number
  readonly lotSize: number
  readonly tickPaise: number
  readonly illiquidity: number
  /** Usual number of lots at a level of the book. */
  readonly size: number
  value(second: number): number
  /** The most and the least that `value` was since the bar of the second began. */
  dearest(second: number): number
  cheapest(second: number): number
  readonly previousClose: number
  /** Lots that would trade in a day spent at the money, and the share of it at the distance of a second. */
  readonly dayLots: number
  demand(second: number): number
  /** Open interest in lots, on the evening before and on this evening. */
  readonly oiBefore: number
  readonly oiAfter: number
  readonly lowerCircuit: number
  readonly upperCircuit: number
}
