import { createSystemClock } from '../platform/system-clock.ts'

/** The machine's clocks, for tests of what really waits. */
export const realClock = createSystemClock()
