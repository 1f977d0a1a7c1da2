import { type ReactNode, useId } from 'react'

interface FieldProps {
  readonly label: string
  /** What is wrong with what was typed. */
  readonly fault?: string | undefined
  readonly before?: string
  readonly unit?: string
  readonly className?: string
  readonly children: (props: {
    readonly id: string
    readonly 'aria-invalid': boolean
    readonly 'aria-describedby': string | undefined
  }) => ReactNode
}

/** A labelled input with its unit, and what is wrong with it below. */
export function Field({ label, fault, before = '', unit = '', className = '', children }: FieldProps) {
  const id = useId()
  const faultId = `${id}-fault`
  return (
    <div className={`field ${className}`}>
      <label className="field-label" htmlFor={id}>
        {label}
      </label>
      <span className="field-input">
        {before === '' ? null : <span className="unit">{before}</span>}
        {children({ id, 'aria-invalid': fault !== undefined, 'aria-describedby': fault && faultId })}
        {unit.trim() === '' ? null : <span className="unit">{unit}</span>}
      </span>
      {fault === undefined ? null : (
        <span className="field-fault" id={faultId}>
          {fault}
        </span>
      )}
    </div>
  )
}

interface SelectProps<Value extends string> {
  readonly label: string
  readonly value: Value
  readonly options: readonly (readonly [value: Value, text: string])[]
  readonly onChange: (value: Value) => void
}

export function Select<Value extends string>({ label, value, options, onChange }: SelectProps<Value>) {
  const id = useId()
  return (
    <div className="field">
      <label className="field-label" htmlFor={id}>
        {label}
      </label>
      <select
        id={id}
        value={value}
        onChange={(event) => {
          const chosen = options.find(([option]) => option === event.target.value)
          if (chosen !== undefined) onChange(chosen[0])
        }}
      >
        {options.map(([option, text]) => (
          <option key={option} value={option}>
            {text}
          </option>
        ))}
      </select>
    </div>
  )
}
