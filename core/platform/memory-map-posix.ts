import { closeSync, ftruncateSync, openSync, statfsSync } from 'node:fs'
import { getSystemErrorMap } from 'node:util'
import koffi, { type LibraryHandle } from 'koffi'
import type { MappedTail, Mapping, MemoryMap } from './memory-map.ts'

const PROT_READ = 1
const PROT_WRITE = 2
const MAP_SHARED = 1
const MAP_FAILED = 2n ** 64n - 1n
const MS_ASYNC = 1
const FALLOC_FL_KEEP_SIZE = 1
const F_PREALLOCATE = 42
const F_ALLOCATEALL = 4
const F_PEOFPOSMODE = 3

/** A window moves by whole pages of any system. */
const PAGE_BYTES = 65_536
const WINDOW_BYTES = 1024 * 1024

/**
 * File systems that take new room when bytes are written over, or on another machine, so that nothing can be
 * reserved: Btrfs, ZFS, bcachefs, NFS, SMB, CIFS, FUSE, 9P.
 */
const WITHOUT_PROMISE: readonly number[] = [
  0x9123683e, 0x2fc12fc1, 0xca451a4e, 0x6969, 0xfe534d42, 0xff534d42, 0x65735546, 0x01021997,
]

/** mmap and its kin; a pointer is a bigint. */
export function createPosixMap(): MemoryMap {
  const library = koffi.load(null)
  const mmap = library.func(
    'void *mmap(void *address, size_t length, int protection, int flags, int fd, int64_t offset)',
  )
  const munmap = library.func('int munmap(void *address, size_t length)')
  const msync = library.func('int msync(void *address, size_t length, int flags)')
  const memcpy = library.func('void *memcpy(void *to, const void *from, size_t length)')
  const reserve = process.platform === 'darwin' ? reserveOnMac(library) : reserveOnLinux(library)

  const failed = (call: string, code: number) => {
    const [name, text] = getSystemErrorMap().get(-code) ?? [`error ${code}`, 'unknown']
    return Object.assign(new Error(`${name}: ${text}, ${call}`), { code: name })
  }
  const map = (fd: number, offset: number, length: number, protection: number): MappedRange => {
    const address: bigint = mmap(null, length, protection, MAP_SHARED, fd, offset)
    if (address === MAP_FAILED) throw failed('mmap', koffi.errno())
    return {
      start: offset,
      length,
      copyOut: (target, from) => void memcpy(target, address + BigInt(from), target.length),
      copyIn: (source, to) => void memcpy(address + BigInt(to), source, source.length),
      unmap: () => void munmap(address, length),
      handOver: () => void msync(address, length, MS_ASYNC),
    }
  }
  const reserveOrThrow = (fd: number, offset: number, length: number) => {
    const code = reserve(fd, offset, length) === 0 ? 0 : koffi.errno()
    if (code !== 0) throw failed('reserving room', code)
  }
  return {
    mapForReading(path, length) {
      const fd = openSync(path, 'r')
      try {
        return map(fd, 0, length, PROT_READ)
      } finally {
        closeSync(fd)
      }
    },
    openTail(path) {
      if (WITHOUT_PROMISE.includes(statfsSync(path).type)) return null
      const fd = openSync(path, 'r+')
      try {
        reserveOrThrow(fd, 0, 1)
      } catch (fault) {
        closeSync(fd)
        throw fault
      }
      const window = (offset: number, length: number) => map(fd, offset, length, PROT_READ | PROT_WRITE)
      return createTail(fd, { reserve: (offset, length) => reserveOrThrow(fd, offset, length), window })
    },
  }
}

interface MappedRange extends Mapping {
  readonly start: number
  readonly length: number
  copyIn(source: Uint8Array, to: number): void
  handOver(): void
}

type Reserve = (fd: number, offset: number, length: number) => number

/** Blocks, unlike a length: what is not written yet does not show in the file. */
function reserveOnLinux(library: LibraryHandle): Reserve {
  const fallocate = library.func('int fallocate(int fd, int mode, int64_t offset, int64_t length)')
  return (fd, offset, length) => fallocate(fd, FALLOC_FL_KEEP_SIZE, offset, length)
}

function reserveOnMac(library: LibraryHandle): Reserve {
  const fcntl = library.func('int fcntl(int fd, int command, ...)')
  return (fd, _offset, length) => {
    // fstore_t: u32 flags, i32 mode, i64 offset, i64 length, i64 allocated; counted from the file's end.
    const store = Buffer.alloc(32)
    store.writeUInt32LE(F_ALLOCATEALL, 0)
    store.writeInt32LE(F_PEOFPOSMODE, 4)
    store.writeBigInt64LE(BigInt(length), 16)
    return fcntl(fd, F_PREALLOCATE, 'void *', store)
  }
}

interface TailCalls {
  reserve(offset: number, length: number): void
  window(offset: number, length: number): MappedRange
}

/** The file is made longer first, by what is written and no more: a mapping ends where its file does. */
function createTail(fd: number, calls: TailCalls): MappedTail {
  let window: MappedRange | null = null
  const moveTo = (position: number, needed: number): MappedRange => {
    const start = Math.floor(position / PAGE_BYTES) * PAGE_BYTES
    const length = Math.ceil((position - start + needed) / WINDOW_BYTES) * WINDOW_BYTES
    calls.reserve(start, length)
    const moved = calls.window(start, length)
    window?.unmap()
    window = moved
    return moved
  }
  return {
    append(bytes, position) {
      const end = position + bytes.length
      const fits = window !== null && position >= window.start && end <= window.start + window.length
      const at = fits && window !== null ? window : moveTo(position, bytes.length)
      ftruncateSync(fd, end)
      at.copyIn(bytes, position - at.start)
    },
    handOver: () => window?.handOver(),
    close(size) {
      window?.unmap()
      window = null
      try {
        ftruncateSync(fd, size)
      } finally {
        closeSync(fd)
      }
    },
  }
}
