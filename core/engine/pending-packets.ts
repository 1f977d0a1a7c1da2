import { encodeFrame } from '../contract/kite-encode.ts'

/** Packets that wait for the next flush, copied from the frames they came in. */
export interface PendingPackets {
  readonly count: number
  add(packet: Uint8Array): void
  /** A well-formed Kite frame of the packets that `keep` chooses by their place, in order. */
  frame(keep: readonly number[]): Uint8Array
  clear(): void
}

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
    frame: (keep) => encodeFrame(keep.map((place) => store.subarray(starts[place], end(place)))),
    clear() {
      used = 0
      starts = []
    },
  }
}
