import { addDays, weekday } from '../../../core/domain/ist.ts'

/** The day before or after, weekends passed over; holidays show that they are ones. */
export function weekdayBeside(date: string, step: 1 | -1): string {
  let next = addDays(date, step)
  while ([0, 6].includes(weekday(next))) next = addDays(next, step)
  return next
}
