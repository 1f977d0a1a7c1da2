/// <reference lib="dom" />
import { createElement, useEffect, useState } from 'react'
import { createRoot } from 'react-dom/client'

/**
 * The page as it is written first: the whole chain as JSON with each update, into the state of one component, which
 * draws every row. It has neither marks nor flashes nor ages.
 */

interface NaiveChain {
  readonly strikes: readonly number[]
  /** By slot: the numbers of a leg in the order of the columns. */
  readonly legs: readonly (readonly (number | null)[])[]
}

const text = (value: number | null) => (value === null ? '–' : value.toFixed(2))

/** Place of the price among the numbers of a leg. */
const LTP_AT = 2

interface SideProps {
  readonly slot: number
  readonly values: readonly (number | null)[]
}

function Side({ slot, values }: SideProps) {
  const cells = values.map((value, place) =>
    createElement(
      'td',
      { key: String(place), ...(place === LTP_AT ? { className: 'ltp', 'data-slot': slot } : {}) },
      text(value),
    ),
  )
  return slot % 2 === 0 ? cells.reverse() : cells
}

function Chain() {
  const [chain, setChain] = useState<NaiveChain | null>(null)
  useEffect(() => {
    const source = new EventSource(new URLSearchParams(location.search).get('stream') ?? 'stream')
    source.onmessage = ({ data }) => setChain(JSON.parse(data))
    return () => source.close()
  }, [])
  if (chain === null) return null
  const rows = chain.strikes.map((strike, place) =>
    createElement(
      'tr',
      { key: strike, 'data-strike': strike },
      createElement(Side, { slot: 2 * place, values: chain.legs[2 * place] ?? [] }),
      createElement('th', null, strike),
      createElement(Side, { slot: 2 * place + 1, values: chain.legs[2 * place + 1] ?? [] }),
    ),
  )
  return createElement('table', null, createElement('tbody', null, rows))
}

const root = document.getElementById('root')
if (root !== null) createRoot(root).render(createElement(Chain))
