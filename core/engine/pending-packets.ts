/** Packets that wait for the next flush, copied from the frames they came in. */
export interface PendingPackets {
  readonly count: number
  add(packet: Uint8Array): void
  /** A well-formed Kite frame of the packets that `keep` chooses by their place, in order. */
  frame(keep: readonly number[]): Uint8Array
  clear(): void
}

const COUNT_BYTES = 2
const LENGTH_BYTES = 2

export function createPendingPackets(): PendingPackets {
  let store = new Uint8Array(16 * 1024)
  let used = 0
  let starts: number[] = []
  const end = (place: number) => starts[place + 1] ?? used
  return {
    get count() {
      return starts.length
    },
    add(packet) {
      if (used + packet.length > store.length) {
        const larger = new Uint8Array(Math.max(store.length * 2, used + packet.length))
        larger.set(store.subarray(0, used))
        store = larger
      }
      store.set(packet, used)
      starts.push(used)
      used += packet.length
    },
    frame(keep) {
      const bodies = keep.map((place) => store.subarray(starts[place], end(place)))
      const size = bodies.reduce((sum, body) => sum + LENGTH_BYTES + body.length, COUNT_BYTES)
      const bytes = new Uint8Array(size)
      const view = new DataView(bytes.buffer)
      view.setUint16(0, bodies.length)
      let at = COUNT_BYTES
      for (const body of bodies) {
        view.setUint16(at, body.length)
        bytes.set(body, at + LENGTH_BYTES)
        at += LENGTH_BYTES + body.length
      }
      return bytes
    },
    clear() {
      used = 0
      starts = []
    },
  }
}
