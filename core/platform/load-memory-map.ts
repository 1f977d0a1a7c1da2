import type { MemoryMap } from './memory-map.ts'

/** Null where the library or the system's calls cannot be loaded. */
export async function loadMemoryMap(): Promise<MemoryMap | null> {
  try {
    // The library is loaded with them: not at all where nobody asks for it.
    if (process.platform === 'win32') return (await import('./memory-map-windows.ts')).createWindowsMap()
    return (await import('./memory-map-posix.ts')).createPosixMap()
  } catch {
    return null
  }
}
