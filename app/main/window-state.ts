import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { z } from 'zod'

export const SMALLEST = { width: 1024, height: 640 } as const
const USUAL = { width: 1440, height: 900 } as const

const boundsSchema = z.object({ x: z.number(), y: z.number(), width: z.number(), height: z.number() })
export type Bounds = z.infer<typeof boundsSchema>

const stateSchema = z.object({
  /** null: in the middle of the first display. */
  bounds: boundsSchema.nullable().catch(null),
  maximised: z.boolean().catch(false),
  /** The user was told that closing the window does not end the application. */
  toldOfClosing: z.boolean().catch(false),
})
export type WindowState = z.infer<typeof stateSchema>

/** What is remembered; what cannot be read has its usual value. */
export function readWindowState(path: string): WindowState {
  try {
    return stateSchema.parse(JSON.parse(readFileSync(path, 'utf8')))
  } catch {
    return stateSchema.parse({})
  }
}

export function writeWindowState(path: string, state: WindowState): void {
  writeFileSync(`${path}.draft`, JSON.stringify(state))
  renameSync(`${path}.draft`, path)
}

/**
 * Where the window opens: as it was, moved and made smaller as far as needed to lie within the display that shows most
 * of it; in the middle of the first display when none shows any.
 */
export function placeWindow(wanted: Bounds | null, displays: readonly Bounds[]): Bounds {
  const [first] = displays
  const seen = wanted === null ? [] : displays.filter((display) => overlap(wanted, display) > 0)
  if (wanted === null || seen.length === 0) {
    const display = first ?? { x: 0, y: 0, ...USUAL }
    const width = Math.min(USUAL.width, display.width)
    const height = Math.min(USUAL.height, display.height)
    const x = display.x + Math.round((display.width - width) / 2)
    return { x, y: display.y + Math.round((display.height - height) / 2), width, height }
  }
  const home = seen.reduce((best, display) => (overlap(wanted, display) > overlap(wanted, best) ? display : best))
  const width = Math.min(Math.max(wanted.width, SMALLEST.width), home.width)
  const height = Math.min(Math.max(wanted.height, SMALLEST.height), home.height)
  return {
    x: clamp(wanted.x, home.x, home.x + home.width - width),
    y: clamp(wanted.y, home.y, home.y + home.height - height),
    width,
    height,
  }
}

/** Shared area. */
function overlap(a: Bounds, b: Bounds): number {
  const width = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x)
  const height = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y)
  return Math.max(0, width) * Math.max(0, height)
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(Math.max(value, least), most)
}
