import { encodeFrame } from '../core/contract/kite-encode.ts'
import { createRejects, decodeFrame, PACKET_LENGTH } from '../core/contract/kite-wire.ts'
import { createTickFrame } from '../core/contract/tick-frame.ts'
import type { Arena, Benchmark } from './harness.ts'
import { createMarketFrames } from './market-frames.ts'
import { createOfficialParser } from './official-parser.ts'

const PACKETS = 200
/** Different frames, so that the branch predictor does not learn one by heart. */
const FRAMES = 8
/** Our decoder and memcpy go over the frames so often in one sample, for the timer's sake. */
const PASSES = 16

/** Frames of full packets only, as options come. */
function fullFrames(): readonly Uint8Array[] {
  const packets = createMarketFrames().steps.flatMap(({ frames }) =>
    frames.flatMap((bytes) => {
      const frame = createTickFrame()
      decodeFrame(bytes, frame, createRejects())
      return Array.from({ length: frame.count }, (_, i) => {
        const from = frame.offset[i] ?? 0
        return bytes.slice(from, from + (frame.length[i] ?? 0))
      }).filter((packet) => packet.length === PACKET_LENGTH.full)
    }),
  )
  return Array.from({ length: FRAMES }, (_, at) => encodeFrame(packets.slice(at * PACKETS, (at + 1) * PACKETS)))
}

async function open(): Promise<Arena> {
  const frames = fullFrames()
  const buffers = frames.map((frame) => new Uint8Array(frame).buffer)
  const into = createTickFrame()
  const rejects = createRejects()
  const copy = new Uint8Array(frames[0]?.length ?? 0)
  const parse = createOfficialParser()
  const passes = (frameWork: (frame: Uint8Array) => number) => () => {
    let packets = 0
    for (let pass = 0; pass < PASSES; pass += 1) for (const frame of frames) packets += frameWork(frame)
    return packets
  }
  return {
    contestants: [
      { name: 'decodeFrame', run: passes((frame) => decodeFrame(frame, into, rejects)) },
      {
        name: 'memcpy',
        run: passes((frame) => {
          copy.set(frame)
          return PACKETS
        }),
      },
      {
        name: 'kiteconnect',
        run: () => buffers.reduce((packets, buffer) => packets + parse(buffer).length, 0),
      },
    ],
    claims: [
      {
        text: 'kiteconnect / decodeFrame',
        ...{ of: 'kiteconnect', to: 'decodeFrame', better: 'higher', pass: 20, ambitious: 700 },
      },
      {
        text: 'decodeFrame / memcpy',
        ...{ of: 'decodeFrame', to: 'memcpy', better: 'lower', pass: null, ambitious: 12 },
      },
    ],
    async close() {},
  }
}

export const decode: Benchmark = {
  name: 'decode',
  title: 'Packets off the wire',
  description: `Frames of ${PACKETS} packets of 184 bytes (mode "full" with ten depth levels) of a simulated market into a
struct of arrays, against the parser of the official \`kiteconnect\` 5.3 and against copying the bytes.`,
  unit: 'packet',
  cost: 'processor',
  roundMs: 150,
  open,
}
