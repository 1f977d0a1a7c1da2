import type { Leg } from '../domain/leg.ts'
import { withChecksum } from './row-checksum.ts'
import type { Database } from './sqlite.ts'

type Contract = Pick<Leg, 'index' | 'bucket' | 'expiry' | 'strike' | 'right' | 'symbol' | 'token'>
type ContractRow = Contract & { readonly id: number }

function isSame(a: Contract, b: Contract): boolean {
  return (
    a.symbol === b.symbol &&
    a.strike === b.strike &&
    a.right === b.right &&
    a.bucket === b.bucket &&
    a.expiry === b.expiry &&
    a.index === b.index
  )
}

/** Short numbers for contracts, kept in the table `contracts`. */
export interface ContractIds {
  /** Adds a contract that is new. */
  idOf(leg: Leg): number
  /** null: it is not in the table. */
  find(leg: Leg): number | null
  /** Forgets what a rolled back transaction had added. */
  reload(): void
}

export function createContractIds(database: Database): ContractIds {
  const select = database.prepare<[], ContractRow>(
    'SELECT id, "index", bucket, expiry, strike, "right", symbol, token FROM contracts ORDER BY id',
  )
  const insert = database.prepare('INSERT INTO contracts VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)')
  let count = 0
  /** By token; nearly always one contract, but the contract is what the leg says, not what the token was before. */
  const known = new Map<number, ContractRow[]>()

  const remember = (row: ContractRow) => {
    const sameToken = known.get(row.token)
    if (sameToken === undefined) known.set(row.token, [row])
    else sameToken.push(row)
    count = Math.max(count, row.id)
  }
  const reload = () => {
    known.clear()
    count = 0
    for (const row of select.all()) remember(row)
  }
  const add = (leg: Leg): number => {
    const { index, bucket, expiry, strike, right, symbol, token } = leg
    const id = count + 1
    insert.run(...withChecksum([id, index, bucket, expiry, strike, right, symbol, token]))
    remember({ id, index, bucket, expiry, strike, right, symbol, token })
    return id
  }
  reload()
  const find = (leg: Leg) => known.get(leg.token)?.find((row) => isSame(row, leg))?.id ?? null
  return {
    idOf: (leg) => find(leg) ?? add(leg),
    find,
    reload,
  }
}
