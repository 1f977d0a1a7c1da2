import { describe, expect, it } from 'vitest'
import type { Job } from '../../../core/contract/legs.ts'
import { MonitorFault } from '../client/monitor-client.ts'
import { createExportDesk } from './exports.ts'

const JOB: Job = {
  id: 'one',
  kind: 'export',
  state: 'queued',
  progress: 0,
  error: null,
  legs: 0,
  bytes: 0,
  file: 'NIFTY.csv',
}
const QUERY = { index: 'NIFTY', format: 'csv' } as const

/** A monitor that answers in turn, and timers by hand. */
function createRig(answers: readonly (Job | MonitorFault)[], desktop: 'browser' | 'chosen' | 'none' = 'browser') {
  const asked: string[] = []
  const taken: string[] = []
  const waiting: (() => void)[] = []
  const rest = [...answers]
  const answer = async (name: string) => {
    asked.push(name)
    const next = rest.shift()
    if (next === undefined) throw new Error(`nothing to answer ${name}`)
    if (next instanceof MonitorFault) throw next
    return next
  }
  const client = { ask: answer } as unknown as Parameters<typeof createExportDesk>[0]['client']
  const save = { ask: async () => ({ job: desktop === 'none' ? null : { ...JOB, state: 'running' } }) }
  const desk = createExportDesk({
    client,
    desktop: desktop === 'browser' ? null : (save as unknown as Parameters<typeof createExportDesk>[0]['desktop']),
    after: (_, run) => void waiting.push(run),
    takeFile: (address, name) => void taken.push(`${address} ${name}`),
  })
  const pass = async () => {
    for (const run of waiting.splice(0)) run()
    await new Promise((resolve) => setTimeout(resolve, 0))
  }
  return { desk, asked, taken, waiting, pass, state: () => desk.store.getState() }
}

const fault = new MonitorFault({
  code: 'not_on_record',
  message: 'nothing is on record of NIFTY',
  hint: 'Choose more.',
})

describe('the export of a page', () => {
  it('has the browser take the file, and follows until it is complete', async () => {
    const running: Job = { ...JOB, state: 'running', progress: 0.4, legs: 400 }
    const { desk, asked, taken, waiting, pass, state } = createRig([JOB, running, { ...running, state: 'done' }])
    await desk.start(QUERY)
    expect(taken).toEqual(['/exports/one/file NIFTY.csv'])
    expect(state()).toEqual({ job: JOB, fault: null, beginning: false })
    await pass()
    expect(state().job).toEqual(running)
    await pass()
    expect(state().job?.state).toBe('done')
    expect([asked, waiting]).toEqual([['startExport', 'job', 'job'], []])
  })

  it('asks for a place in the desktop window, and forgets it where none is chosen', async () => {
    const chosen = createRig([JOB], 'chosen')
    await chosen.desk.start(QUERY)
    expect([chosen.state().job?.state, chosen.taken]).toEqual(['running', []])
    const none = createRig([JOB], 'none')
    await none.desk.start(QUERY)
    expect([none.state(), none.waiting]).toEqual([{ job: null, fault: null, beginning: false }, []])
  })

  it('says in a sentence why it cannot begin', async () => {
    const { desk, state, taken } = createRig([fault])
    await desk.start(QUERY)
    expect(state()).toEqual({
      job: null,
      fault: 'nothing is on record of NIFTY. Choose more.',
      beginning: false,
    })
    expect(taken).toEqual([])
  })

  it('is cancelled, and an older look does not bring it back', async () => {
    const { desk, pass, state } = createRig([JOB, { ...JOB, state: 'cancelled' }, { ...JOB, state: 'cancelled' }])
    await desk.start(QUERY)
    await desk.cancel()
    expect(state().job?.state).toBe('cancelled')
    await pass()
    expect(state().job?.state).toBe('cancelled')
  })
})
