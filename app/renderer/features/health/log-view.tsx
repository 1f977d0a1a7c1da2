import { useDeferredValue, useLayoutEffect, useRef, useState } from 'react'
import { LOG_LEVEL_NAMES } from '../../../../core/contract/operations.ts'
import { istDate } from '../../../../core/domain/ist.ts'
import { formatNumber } from '../../lib/format.ts'
import { saveFile } from '../../lib/save-file.ts'
import { Choice } from '../../ui/choice.tsx'
import { ScrollRegion } from '../../ui/scroll-region.tsx'
import { LogRow } from './log-row.tsx'
import { lineText } from './log-text.ts'
import { type LogLevel, type LogLine, type ReadLog, useLog } from './use-log.ts'

/** So near to the end counts as the end. */
const END_PIXELS = 24
const LEVEL_WORDS: Readonly<Record<LogLevel, string>> = {
  DEBUG: 'Debug',
  INFO: 'Info',
  WARNING: 'Warning',
  ERROR: 'Error',
  CRITICAL: 'Critical',
}

/**
 * The log of this run: what is at least of a level and holds a text. Follows its end until somebody scrolls up or opens
 * a line, and again once something else is asked for.
 */
export function LogView({ startedAt }: { readonly startedAt: string }) {
  const [level, setLevel] = useState<LogLevel>('INFO')
  const [text, setText] = useState('')
  const [following, setFollowing] = useState(true)
  const log = useLog({ level, text: useDeferredValue(text), startedAt }, following)
  const lines = log.lines ?? []
  return (
    <section className="log" aria-label="Log" aria-busy={log.lines === null && log.fault === null}>
      <header className="section-head">
        <h3>
          Log <small className="aside">of this run, wall clock</small>
        </h3>
        <Choice
          label="Lowest level"
          value={level}
          options={LOG_LEVEL_NAMES.map((name) => [name, LEVEL_WORDS[name], `${LEVEL_WORDS[name]} and above`] as const)}
          onChange={(next) => {
            setLevel(next)
            setFollowing(true)
          }}
        />
        <input
          type="search"
          aria-label="Text in the log"
          placeholder="Filter by text"
          maxLength={200}
          value={text}
          onChange={({ target }) => {
            setText(target.value)
            setFollowing(true)
          }}
        />
        <span className="gap" />
        <small className="figures" role="status">
          {countWords(log, following)}
        </small>
        <button type="button" aria-pressed={following} onClick={() => setFollowing(!following)}>
          {following ? 'Following' : 'Follow'}
        </button>
        <button type="button" disabled={lines.length === 0} onClick={() => exportLines(lines)}>
          Export as text
        </button>
      </header>
      {log.fault === null ? null : (
        <p className="fault" role="alert">
          The log cannot be read: {log.fault}
        </p>
      )}
      <Lines log={log} filtered={text !== '' || level !== 'DEBUG'} following={following} onFollowing={setFollowing} />
    </section>
  )
}

function countWords({ lines, dropped }: ReadLog, following: boolean): string {
  if (lines === null) return ''
  const older = dropped === 0 ? '' : `, ${formatNumber('integer', dropped)} older ones are not kept`
  return `${formatNumber('integer', lines.length)} lines${older}${following ? '' : ', held'}`
}

function exportLines(lines: readonly LogLine[]): void {
  const day = istDate(Date.parse(lines.at(-1)?.timestamp ?? ''))
  const text = lines.map((line) => `${lineText(line)}\n`).join('')
  saveFile(`optrade-log-${day}.txt`, new Blob([text], { type: 'text/plain;charset=utf-8' }))
}

interface LinesProps {
  readonly log: ReadLog
  /** Whether lines may be missing because they do not fit. */
  readonly filtered: boolean
  readonly following: boolean
  readonly onFollowing: (following: boolean) => void
}

function Lines({ log: { lines, fault }, filtered, following, onFollowing }: LinesProps) {
  const scroller = useRef<HTMLElement>(null)
  const [opened, setOpened] = useState<number | null>(null)
  const newest = lines?.at(-1)?.id ?? 0
  useLayoutEffect(() => {
    const element = scroller.current
    if (following && element !== null && newest >= 0) element.scrollTop = element.scrollHeight
  }, [following, newest])
  const onScroll = () => {
    const element = scroller.current
    if (element === null) return
    const isAtEnd = element.scrollHeight - element.scrollTop - element.clientHeight < END_PIXELS
    if (isAtEnd !== following) onFollowing(isAtEnd)
  }
  const open = (id: number) => {
    setOpened(opened === id ? null : id)
    if (id !== newest) onFollowing(false)
  }
  return (
    <ScrollRegion label="Lines of the log" className="log-lines" element={scroller} onScroll={onScroll} testId="log">
      {lines === null && fault === null ? <p className="hint">Reading the log …</p> : null}
      {lines?.length === 0 ? (
        <p className="hint">{filtered ? 'No line fits the level and the text.' : 'Nothing was logged yet.'}</p>
      ) : null}
      <ol>
        {lines?.map((line) => (
          <LogRow key={line.id} line={line} isOpen={line.id === opened} onOpen={open} />
        ))}
      </ol>
    </ScrollRegion>
  )
}
