import { memo, useState } from 'react'
import { lineText } from './log-text.ts'
import type { LogLine } from './use-log.ts'

interface LogRowProps {
  readonly line: LogLine
  readonly isOpen: boolean
  readonly onOpen: (id: number) => void
}

/** One line; opened it shows its fields. */
export const LogRow = memo(function LogRow({ line, isOpen, onOpen }: LogRowProps) {
  const { id, timestamp, level, service, message } = line
  return (
    <li className={level.toLowerCase()}>
      <button type="button" className="log-line" aria-expanded={isOpen} onClick={() => onOpen(id)}>
        <time dateTime={timestamp}>{timestamp.slice(11, 23)}</time>
        <span className="level">{level}</span>
        <span className="service">{service}</span>
        <span className="message">{message}</span>
      </button>
      {isOpen ? <Fields line={line} /> : null}
    </li>
  )
})

function Fields({ line }: { readonly line: LogLine }) {
  const [copied, setCopied] = useState<string | null>(null)
  const copy = () => {
    navigator.clipboard.writeText(lineText(line)).then(
      () => setCopied('Copied'),
      () => setCopied('The browser does not allow it'),
    )
  }
  return (
    <div className="log-fields">
      <dl>
        {Object.entries({ timestamp: line.timestamp, ...line.fields }).map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <button type="button" onClick={copy}>
        Copy line
      </button>
      <small role="status">{copied}</small>
    </div>
  )
}
