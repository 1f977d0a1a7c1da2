/** Runs one thing at a time: each begins when everything that was asked before has ended, well or badly. */
export type Turn = <Result>(run: () => Promise<Result>) => Promise<Result>

export function createTurn(): Turn {
  let last: Promise<unknown> = Promise.resolve()
  return (run) => {
    const mine = last.then(run)
    // The fault goes to whoever waits for this one.
    last = mine.catch(() => {})
    return mine
  }
}
