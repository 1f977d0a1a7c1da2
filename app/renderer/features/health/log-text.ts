import type { LogLine } from './use-log.ts'

/** A line as it stands in an exported file: `timestamp LEVEL service message name=value …`. */
export function lineText({ timestamp, level, service, message, fields }: LogLine): string {
  const rest = Object.entries(fields).map(
    ([name, value]) => `${name}=${/[\s"=]/.test(value) ? JSON.stringify(value) : value}`,
  )
  return [timestamp, level.padEnd(8), service, message, ...rest].join(' ').replaceAll('\n', '\\n')
}
