import koffi from 'koffi'
import type { MemoryMap } from './memory-map.ts'

const GENERIC_READ = 0x8000_0000
const GENERIC_WRITE = 0x4000_0000
/** Reading, writing and deleting by others. */
const FILE_SHARE_ALL = 7
const OPEN_EXISTING = 3
const PAGE_READONLY = 2
const PAGE_READWRITE = 4
const FILE_MAP_WRITE = 2
const FILE_MAP_READ = 4
const ERROR_DISK_FULL = 112
const INVALID_HANDLE = 2n ** 64n - 1n
/** A view begins at a multiple of this. */
const VIEW_BYTES = 65_536

/**
 * File mappings of Windows. A mapped file cannot be cut, nor be longer than what is mapped by less: so that its end is
 * the end of its last line, a view for writing lives as long as one write. Making the mapping takes the room for it.
 */
export function createWindowsMap(): MemoryMap {
  const kernel = koffi.load('kernel32.dll')
  const createFile = kernel.func(
    'void *CreateFileW(str16 name, uint32_t access, uint32_t share, void *security, uint32_t how, uint32_t flags, void *template)',
  )
  const createFileMapping = kernel.func(
    'void *CreateFileMappingW(void *file, void *security, uint32_t protection, uint32_t high, uint32_t low, str16 name)',
  )
  const mapView = kernel.func(
    'void *MapViewOfFile(void *mapping, uint32_t access, uint32_t high, uint32_t low, size_t length)',
  )
  const flushView = kernel.func('int FlushViewOfFile(void *address, size_t length)')
  const unmapView = kernel.func('int UnmapViewOfFile(void *address)')
  const closeHandle = kernel.func('int CloseHandle(void *handle)')
  const lastError = kernel.func('uint32_t GetLastError()')
  const moveMemory = kernel.func('void RtlMoveMemory(void *to, const void *from, size_t length)')

  const failed = (call: string) => {
    const number: number = lastError()
    return Object.assign(new Error(`${call} failed with error ${number}`), {
      code: number === ERROR_DISK_FULL ? 'ENOSPC' : 'EIO',
    })
  }
  const openHandle = (path: string, access: number): bigint => {
    const handle: bigint | null = createFile(path, access, FILE_SHARE_ALL, null, OPEN_EXISTING, 0, null)
    if (handle === null || handle === INVALID_HANDLE) throw failed('CreateFileW')
    return handle
  }
  /** A view of the file from `start` up to `end`, which becomes its length where it is shorter. */
  const view = (file: bigint, start: number, end: number, isWritten: boolean): bigint => {
    const protection = isWritten ? PAGE_READWRITE : PAGE_READONLY
    const mapping: bigint | null = createFileMapping(file, null, protection, high(end), low(end), null)
    if (!mapping) throw failed('CreateFileMappingW')
    const access = isWritten ? FILE_MAP_WRITE : FILE_MAP_READ
    const address: bigint | null = mapView(mapping, access, high(start), low(start), end - start)
    const fault = address ? null : failed('MapViewOfFile')
    // The view keeps the mapping.
    closeHandle(mapping)
    if (!address) throw fault
    return address
  }
  return {
    mapForReading(path, length) {
      const file = openHandle(path, GENERIC_READ)
      try {
        const address = view(file, 0, length, false)
        return {
          copyOut: (target, from) => moveMemory(target, address + BigInt(from), target.length),
          unmap: () => unmapView(address),
        }
      } finally {
        closeHandle(file)
      }
    },
    openTail(path) {
      const file = openHandle(path, GENERIC_READ + GENERIC_WRITE)
      return {
        append(bytes, position) {
          const start = Math.floor(position / VIEW_BYTES) * VIEW_BYTES
          const address = view(file, start, position + bytes.length, true)
          moveMemory(address + BigInt(position - start), bytes, bytes.length)
          flushView(address, position + bytes.length - start)
          unmapView(address)
        },
        handOver() {},
        close: () => closeHandle(file),
      }
    },
  }
}

const high = (value: number) => Math.floor(value / 2 ** 32)
const low = (value: number) => value % 2 ** 32
