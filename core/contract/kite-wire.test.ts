import { existsSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  encodeFrame,
  encodeFull,
  encodeIndexFull,
  encodeIndexQuote,
  encodeLtp,
  encodeQuote,
  type FullValues,
  type IndexFullValues,
} from './kite-encode.ts'
import {
  createRejects,
  decodeFrame,
  divisorOf,
  isHeartbeat,
  isIndexToken,
  packetBytes,
  REJECT_REASONS,
  segmentOf,
} from './kite-wire.ts'
import { createTickFrame, DEPTH_LEVELS, PACKET_KIND, type TickFrame } from './tick-frame.ts'

const MOCKS = new URL('../../../shared/data/kite-mocks/', import.meta.url)
const OPTION = (12345 << 8) | 2
const INDEX = 256265

const FULL: FullValues = {
  token: OPTION,
  lastPrice: 12_345,
  lastQuantity: 65,
  averagePrice: 12_300,
  volume: 2_403_902_395,
  buyQuantity: 1000,
  sellQuantity: 2000,
  open: 12_000,
  high: 13_000,
  low: 11_000,
  close: 12_200,
  lastTradeTime: 1_790_000_000,
  oi: 650,
  oiDayHigh: 700,
  oiDayLow: 600,
  exchangeTime: 1_790_000_001,
  depth: Array.from({ length: DEPTH_LEVELS }, (_, level) => ({
    quantity: 65 * level,
    price: 12_345 - level,
    orders: level,
  })),
}
const INDEX_FULL: IndexFullValues = {
  token: INDEX,
  lastPrice: 2_430_000,
  high: 2_440_000,
  low: 2_420_000,
  open: 2_425_000,
  close: 2_428_000,
  change: 2_000,
  exchangeTime: 1_790_000_001,
}

function decode(bytes: Uint8Array, capacity?: number) {
  const frame = createTickFrame(capacity)
  const rejects = createRejects()
  const taken = decodeFrame(bytes, frame, rejects)
  const refused = Object.fromEntries(Object.entries(rejects).filter(([, count]) => count > 0))
  return { frame, taken, refused }
}

/** The values of a decoded packet, read at random places of the arrays as the engine does. */
function valuesOf(frame: TickFrame, i: number): FullValues & IndexFullValues {
  const at = (column: ArrayLike<number>, index = i) => column[index] ?? Number.NaN
  return {
    token: at(frame.token),
    lastPrice: at(frame.lastPrice),
    lastQuantity: at(frame.lastQuantity),
    averagePrice: at(frame.averagePrice),
    volume: at(frame.volume),
    buyQuantity: at(frame.buyQuantity),
    sellQuantity: at(frame.sellQuantity),
    open: at(frame.open),
    high: at(frame.high),
    low: at(frame.low),
    close: at(frame.close),
    change: at(frame.change),
    lastTradeTime: at(frame.lastTradeTime),
    oi: at(frame.oi),
    oiDayHigh: at(frame.oiDayHigh),
    oiDayLow: at(frame.oiDayLow),
    exchangeTime: at(frame.exchangeTime),
    depth: Array.from({ length: DEPTH_LEVELS }, (_, level) => ({
      quantity: at(frame.depthQuantity, i * DEPTH_LEVELS + level),
      price: at(frame.depthPrice, i * DEPTH_LEVELS + level),
      orders: at(frame.depthOrders, i * DEPTH_LEVELS + level),
    })),
  }
}

function encodeAgain(frame: TickFrame, i: number): Uint8Array {
  const values = valuesOf(frame, i)
  if (frame.kind[i] === PACKET_KIND.full) return encodeFull(values)
  if (frame.kind[i] === PACKET_KIND.quote) return encodeQuote(values)
  if (frame.kind[i] === PACKET_KIND.indexFull) return encodeIndexFull(values)
  if (frame.kind[i] === PACKET_KIND.indexQuote) return encodeIndexQuote(values)
  return encodeLtp(values)
}

function lengthAs(packet: Uint8Array, length: number): Uint8Array {
  const framed = encodeFrame([packet]).subarray(2)
  new DataView(framed.buffer, framed.byteOffset).setUint16(0, length)
  return framed
}

/** A frame from parts that bring their own, perhaps wrong, lengths. */
function frameOf(count: number, parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from([count >> 8, count & 0xff, ...parts.flatMap((part) => [...part])])
}

describe('decodeFrame', () => {
  it('reads every field of a full packet, volumes above 2^31 unsigned', () => {
    const { frame, taken } = decode(encodeFrame([encodeFull(FULL)]))
    expect(taken).toBe(1)
    expect(valuesOf(frame, 0)).toEqual({ ...FULL, change: 0 })
    expect(frame.kind[0]).toBe(PACKET_KIND.full)
    expect(frame.divisor[0]).toBe(100)
  })

  it('reads index packets, whose prices come in another order', () => {
    const { frame, taken, refused } = decode(encodeFrame([encodeIndexFull(INDEX_FULL), encodeIndexQuote(INDEX_FULL)]))
    expect(taken).toBe(2)
    expect(refused).toEqual({})
    expect(valuesOf(frame, 0)).toMatchObject(INDEX_FULL)
    expect(valuesOf(frame, 1)).toMatchObject({ ...INDEX_FULL, exchangeTime: 0 })
  })

  it('leaves nothing of the frame before in a reused frame', () => {
    const frame = createTickFrame(2)
    const rejects = createRejects()
    decodeFrame(encodeFrame([encodeFull(FULL), encodeIndexFull(INDEX_FULL)]), frame, rejects)
    decodeFrame(encodeFrame([encodeLtp(FULL), encodeLtp({ token: INDEX, lastPrice: 5 })]), frame, rejects)
    const nothing = valuesOf(createTickFrame(2), 0)
    expect(valuesOf(frame, 0)).toEqual({ ...nothing, token: OPTION, lastPrice: FULL.lastPrice })
    expect(valuesOf(frame, 1)).toEqual({ ...nothing, token: INDEX, lastPrice: 5 })
  })

  it('gives back the bytes of each packet', () => {
    const packets = [encodeFull(FULL), encodeIndexFull(INDEX_FULL), encodeLtp(FULL)]
    const { frame } = decode(encodeFrame(packets))
    expect(packets.map((_, i) => [...packetBytes(frame, i)])).toEqual(packets.map((packet) => [...packet]))
  })

  it('reads a frame that lies within a larger buffer', () => {
    const bytes = encodeFrame([encodeFull(FULL)])
    const buffer = new Uint8Array(bytes.length + 13)
    buffer.set(bytes, 7)
    const { frame, taken } = decode(buffer.subarray(7, 7 + bytes.length))
    expect(taken).toBe(1)
    expect(valuesOf(frame, 0)).toMatchObject(FULL)
  })

  it('takes a heartbeat for neither a packet nor a fault', () => {
    expect(isHeartbeat(Uint8Array.of(0))).toBe(true)
    expect(isHeartbeat(encodeFrame([]))).toBe(false)
    expect(decode(Uint8Array.of(0))).toMatchObject({ taken: 0, refused: {} })
  })
})

describe('decodeFrame refuses', () => {
  const full = encodeFull(FULL)
  const quote = encodeQuote(FULL)
  const refusals: [string, Uint8Array, number, Record<string, number>][] = [
    ['a message without bytes', new Uint8Array(0), 0, { empty_frame: 1 }],
    ['a frame without packets', encodeFrame([]), 0, { empty_frame: 1 }],
    ['bytes behind a count of zero', Uint8Array.of(0, 0, 1), 0, { trailing_bytes: 1 }],
    ['a huge count on three bytes', Uint8Array.of(0xff, 0xff, 0), 0, { truncated: 3000 }],
    [
      'the packet in which the frame was cut',
      encodeFrame([full, full, full]).subarray(0, 2 + 186 + 90),
      1,
      { truncated: 2 },
    ],
    ['packets that were announced and are missing', frameOf(5, [lengthAs(quote, 44)]), 1, { truncated: 4 }],
    [
      'bytes behind the last packet',
      frameOf(1, [lengthAs(full, 184), Uint8Array.of(1, 2, 3)]),
      1,
      { trailing_bytes: 1 },
    ],
    ['a full packet that claims to be a quote', frameOf(1, [lengthAs(full, 44)]), 0, { trailing_bytes: 1 }],
    [
      'a full packet that claims to be a quote, and what follows',
      frameOf(3, [lengthAs(full, 184), lengthAs(full, 44), lengthAs(full, 184)]),
      1,
      { bad_length: 2 },
    ],
    ['a packet of unknown length, alone', encodeFrame([full, new Uint8Array(60), full]), 2, { bad_length: 1 }],
    [
      'packets too short to hold a token',
      encodeFrame([new Uint8Array(0), new Uint8Array(3), full]),
      1,
      { bad_length: 2 },
    ],
    [
      'an index packet of a contract',
      encodeFrame([encodeIndexFull({ ...INDEX_FULL, token: OPTION })]),
      0,
      { wrong_segment: 1 },
    ],
    ['a full packet of an index', encodeFrame([encodeFull({ ...FULL, token: INDEX }), full]), 1, { wrong_segment: 1 }],
    ['a quote packet of an index', encodeFrame([encodeQuote({ ...FULL, token: INDEX })]), 0, { wrong_segment: 1 }],
  ]
  it.each(refusals)('%s', (_, bytes, taken, refused) => {
    expect(decode(bytes)).toMatchObject({ taken, refused })
  })

  it('what goes beyond the capacity of the decoder', () => {
    const { taken, refused } = decode(encodeFrame([full, full, full]), 2)
    expect(taken).toBe(2)
    expect(refused).toEqual({ over_capacity: 1 })
  })
})

describe('tokens', () => {
  it('know their segment and their price divisor', () => {
    expect([segmentOf(INDEX), segmentOf(OPTION), isIndexToken(INDEX), isIndexToken(OPTION)]).toEqual([
      9,
      2,
      true,
      false,
    ])
    expect([1, 2, 3, 4, 5, 6, 7, 9].map((segment) => divisorOf((77 << 8) | segment))).toEqual([
      100, 100, 10_000_000, 100, 100, 10_000, 100, 100,
    ])
  })
})

describe('encode and decode', () => {
  const u32 = fc.integer({ min: 0, max: 0xffff_ffff })
  const i32 = fc.integer({ min: -0x8000_0000, max: 0x7fff_ffff })
  const u16 = fc.integer({ min: 0, max: 0xffff })
  const tradeable = fc
    .tuple(fc.integer({ min: 0, max: 0xff_ffff }), fc.constantFrom(1, 2, 3, 4, 5, 6, 7, 8))
    .map(([exchangeToken, segment]) => exchangeToken * 256 + segment)
  const index = fc.integer({ min: 0, max: 0xff_ffff }).map((exchangeToken) => exchangeToken * 256 + 9)
  const level = fc.record({ quantity: u32, price: i32, orders: u16 })
  const prices = { lastPrice: i32, open: i32, high: i32, low: i32, close: i32 }
  const full = fc.record({
    ...prices,
    token: tradeable,
    averagePrice: i32,
    lastQuantity: u32,
    volume: u32,
    buyQuantity: u32,
    sellQuantity: u32,
    lastTradeTime: u32,
    oi: u32,
    oiDayHigh: u32,
    oiDayLow: u32,
    exchangeTime: u32,
    depth: fc.array(level, { minLength: DEPTH_LEVELS, maxLength: DEPTH_LEVELS }),
  })
  const indexFull = fc.record({ ...prices, token: index, change: i32, exchangeTime: u32 })
  const packet = fc.oneof(
    full.map((values) => encodeFull(values)),
    full.map((values) => encodeQuote(values)),
    full.map((values) => encodeLtp(values)),
    indexFull.map((values) => encodeIndexFull(values)),
    indexFull.map((values) => encodeIndexQuote(values)),
  )

  it('are each other’s inverse', () => {
    fc.assert(
      fc.property(full, indexFull, (values, indexValues) => {
        const { frame } = decode(encodeFrame([encodeFull(values), encodeIndexFull(indexValues)]), 2)
        expect(valuesOf(frame, 0)).toMatchObject(values)
        expect(valuesOf(frame, 1)).toMatchObject(indexValues)
      }),
    )
  })

  it('give the same bytes again', () => {
    fc.assert(
      fc.property(fc.array(packet, { minLength: 1, maxLength: 8 }), (packets) => {
        const bytes = encodeFrame(packets)
        const { frame, taken, refused } = decode(bytes, 8)
        expect(refused).toEqual({})
        const again = encodeFrame(Array.from({ length: taken }, (_, i) => encodeAgain(frame, i)))
        expect(Buffer.from(again).equals(bytes)).toBe(true)
      }),
    )
  })

  it('write into a given target, padding included', () => {
    const target = new Uint8Array(184).fill(0xff)
    expect(encodeFull({ ...FULL, depth: [] }, target)).toBe(target)
    expect([...target.subarray(64)].every((byte) => byte === 0)).toBe(true)
  })
})

describe('a million damaged frames', () => {
  /** Small, fast, and the same every time. */
  function randomOf(seed: number): (below: number) => number {
    let state = seed
    return (below) => {
      state ^= state << 13
      state ^= state >>> 17
      state ^= state << 5
      return (state >>> 0) % below
    }
  }

  function damage(bytes: Uint8Array, random: (below: number) => number): Uint8Array {
    for (let hits = random(4); hits >= 0; hits -= 1) {
      // Half of the hits go where counts and lengths are.
      const at = random(2) === 0 ? random(4) : random(bytes.length)
      bytes[at] = random(256)
    }
    return random(3) === 0 ? bytes.subarray(0, random(bytes.length)) : bytes
  }

  /** Whether the packets fit into the bytes and into their segments. */
  function sane(frame: TickFrame, bytes: Uint8Array): boolean {
    let used = 2
    for (let i = 0; i < frame.count; i += 1) {
      const kind = frame.kind[i]
      const ofIndex = kind === PACKET_KIND.indexFull || kind === PACKET_KIND.indexQuote
      if (kind !== PACKET_KIND.ltp && ofIndex !== isIndexToken(frame.token[i] ?? 0)) return false
      used += 2 + (frame.length[i] ?? 0)
    }
    return frame.count === 0 || used <= bytes.length
  }

  it('never throw, never give more packets than bytes allow, never a packet of the wrong segment', () => {
    const random = randomOf(20_261_123)
    const sources = [
      encodeFrame([encodeFull(FULL), encodeIndexFull(INDEX_FULL)]),
      encodeFrame([encodeQuote(FULL), encodeLtp(FULL), encodeIndexQuote(INDEX_FULL)]),
      encodeFrame([encodeLtp(FULL)]),
    ]
    const frame = createTickFrame(8)
    const rejects = createRejects()
    let faults = 0
    for (let run = 0; run < 1_000_000; run += 1) {
      const source = sources[run % sources.length] ?? new Uint8Array(0)
      const bytes = damage(source.slice(), random)
      const taken = decodeFrame(bytes, frame, rejects)
      if (taken !== frame.count || !sane(frame, bytes)) faults += 1
    }
    expect(faults).toBe(0)
    expect(REJECT_REASONS.filter((reason) => rejects[reason] === 0)).toEqual(['over_capacity'])
  })
})

describe.skipIf(!existsSync(MOCKS))('recorded packets of Kite (skipped without ../shared/data)', () => {
  const read = (name: string) => readFileSync(new URL(name, MOCKS))
  const bare = (name: string) => Uint8Array.from(Buffer.from(read(name).toString('latin1'), 'base64'))

  it.each(['ticker_full', 'ticker_quote'])('%s decodes to its JSON', (name) => {
    const json = JSON.parse(read(`${name}.json`).toString())
    const { frame, taken } = decode(encodeFrame([bare(`${name}.packet`)]))
    expect(taken).toBe(1)
    const { token, divisor, lastTradeTime, exchangeTime, depth, ...values } = {
      ...valuesOf(frame, 0),
      divisor: frame.divisor[0] ?? 0,
    }
    const rupees = (raw: number) => raw / divisor
    expect(token).toBe(json.instrument_token)
    expect(rupees(values.lastPrice)).toBe(json.last_price)
    expect(rupees(values.averagePrice)).toBe(json.average_price)
    expect([values.lastQuantity, values.volume, values.buyQuantity, values.sellQuantity]).toEqual([
      json.last_quantity,
      json.volume,
      json.buy_quantity,
      json.sell_quantity,
    ])
    const { open, high, low, close } = values
    expect({ open: rupees(open), high: rupees(high), low: rupees(low), close: rupees(close) }).toEqual(json.ohlc)
    if (json.mode !== 'full') return
    expect([lastTradeTime, exchangeTime].map((seconds) => seconds * 1000)).toEqual([
      Date.parse(json.last_trade_time),
      Date.parse(json.timestamp),
    ])
    const levels = depth.map(({ price, quantity, orders }) => ({ price: rupees(price), quantity, orders }))
    expect({ buy: levels.slice(0, 5), sell: levels.slice(5) }).toEqual(json.depth)
  })

  it.each(['ticker_full', 'ticker_quote'])('%s is encoded to the same bytes', (name) => {
    const packet = bare(`${name}.packet`)
    const { frame } = decode(encodeFrame([packet]))
    expect(Buffer.from(encodeAgain(frame, 0)).equals(packet)).toBe(true)
  })

  it.each(['fullMode', 'quoteMode', 'ltpMode'])('the frame %s decodes and is encoded again', (name) => {
    const bytes = Uint8Array.from(read(`js-test/${name}_binary.packet`))
    const { frame, taken, refused } = decode(bytes)
    expect([taken, refused]).toEqual([1, {}])
    const again = encodeFrame([encodeAgain(frame, 0)])
    // The padding of the depth levels carries no meaning and is written as zero.
    const unpadded = bytes.map((byte, at) => (at >= 68 && (at - 68) % 12 >= 10 ? 0 : byte))
    expect(Buffer.from(again).equals(unpadded)).toBe(true)
  })
})
