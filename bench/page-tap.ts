import { connect, createServer, type Socket } from 'node:net'
import { createRejects, decodeFrame } from '../core/contract/kite-wire.ts'
import { createTickFrame } from '../core/contract/tick-frame.ts'

/** Epoch milliseconds with fractions, the same in Node and in Chromium on one machine. */
export const preciseNow = (): number => performance.timeOrigin + performance.now()

export interface Written {
  readonly price: number
  readonly at: number
}

/** Stands between a client and the exchange's ticker and notes when which price is written to the client's socket. */
export interface Tap {
  readonly port: number
  /** By token, in order. */
  readonly written: Map<number, Written[]>
  close(): Promise<void>
}

export async function startTap(upstream: number): Promise<Tap> {
  const written = new Map<number, Written[]>()
  const sockets = new Set<Socket>()
  const server = createServer((client) => {
    const exchange = connect(upstream, '127.0.0.1')
    const read = createFrameReader((bytes, at) => note(written, bytes, at))
    for (const socket of [client, exchange]) {
      sockets.add(socket)
      socket.setNoDelay(true)
      socket.on('error', () => socket.destroy())
      socket.on('close', () => {
        sockets.delete(socket)
        client.destroy()
        exchange.destroy()
      })
    }
    // The exchange answers only to its own name, which is asked for in the first part.
    client.once('data', (part) => {
      exchange.write(part.toString('latin1').replace(/^Host: .*$/im, `Host: 127.0.0.1:${upstream}`), 'latin1')
      client.on('data', (later) => exchange.write(later))
    })
    exchange.on('data', (part) => {
      client.write(part)
      read(part, preciseNow())
    })
  })
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  const bound = server.address()
  if (bound === null || typeof bound === 'string') throw new RangeError('no port')
  return {
    port: bound.port,
    written,
    close() {
      for (const socket of sockets) socket.destroy()
      return new Promise((resolve) => void server.close(() => resolve()))
    },
  }
}

/** Takes a server's bytes apart: the head of the upgrade, then frames, which a server does not mask. */
function createFrameReader(onFrame: (payload: Uint8Array, at: number) => void) {
  let rest = Buffer.alloc(0)
  let isOpen = false
  return (part: Buffer, at: number) => {
    rest = Buffer.concat([rest, part])
    if (!isOpen) {
      const end = rest.indexOf('\r\n\r\n')
      if (end < 0) return
      isOpen = true
      rest = rest.subarray(end + 4)
    }
    for (;;) {
      const frame = frameIn(rest)
      if (frame === null) return
      if (frame.isBinary) onFrame(rest.subarray(frame.from, frame.until), at)
      rest = rest.subarray(frame.until)
    }
  }
}

/** Where the first frame lies; null while it is not whole (RFC 6455, 5.2). */
function frameIn(bytes: Buffer) {
  if (bytes.length < 2) return null
  const short = bytes.readUInt8(1) & 0x7f
  const from = short === 126 ? 4 : short === 127 ? 10 : 2
  if (bytes.length < from) return null
  const size = short === 126 ? bytes.readUInt16BE(2) : short === 127 ? Number(bytes.readBigUInt64BE(2)) : short
  if (bytes.length < from + size) return null
  return { from, until: from + size, isBinary: (bytes.readUInt8(0) & 0x0f) === 2 }
}

const frame = createTickFrame()
const rejects = createRejects()

function note(written: Tap['written'], bytes: Uint8Array, at: number): void {
  decodeFrame(new Uint8Array(bytes), frame, rejects)
  for (let i = 0; i < frame.count; i += 1) {
    const token = frame.token[i] ?? 0
    const price = (frame.lastPrice[i] ?? 0) / (frame.divisor[i] ?? 1)
    const known = written.get(token)
    if (known === undefined) written.set(token, [{ price, at }])
    else if (known.at(-1)?.price !== price) known.push({ price, at })
  }
}
