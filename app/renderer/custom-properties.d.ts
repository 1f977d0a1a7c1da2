import 'react'

declare module 'react' {
  interface CSSProperties {
    /** Grid template of the chain's rows. */
    '--columns'?: string
  }
}
