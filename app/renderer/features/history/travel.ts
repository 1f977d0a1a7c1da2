import { createStore, type StoreApi } from 'zustand/vanilla'
import type { ChainAt } from '../../../../core/contract/history.ts'
import { formatIst, istDate, istInstant } from '../../../../core/domain/ist.ts'
import { type MonitorClient, MonitorFault } from '../../client/monitor-client.ts'
import { applyMessages } from '../../store/chain-data.ts'
import { emptyState, type Market, type MarketState } from '../../store/market.ts'
import type { Selection } from '../../store/selection.ts'
import { type DayTrack, phaseOf, readTrack } from './day-track.ts'
import { FRAMES_PER_SECOND, type Speed, type StepUnit, stepped, within } from './steps.ts'

export interface TravelState {
  /** The instant that is asked for, epoch milliseconds; null = the market of now. What is shown follows it. */
  readonly at: number | null
  /** Days with a record, oldest first; null until they are known. */
  readonly days: readonly string[] | null
  /** The day of the instant. */
  readonly track: DayTrack | null
  readonly isPlaying: boolean
  readonly speed: Speed
  /** The record does not come as fast as it is played. */
  readonly isLate: boolean
  /** Why the record cannot be read, and what to do. */
  readonly fault: Pick<MonitorFault, 'message' | 'hint'> | null
}

export interface TravelDeps {
  readonly client: Pick<MonitorClient, 'ask'>
  readonly live: Market
  readonly every: (intervalMs: number, run: () => void) => () => void
}

/** Goes through the record. The pages show `market`, which has nothing of the market of now, while `at` is not null. */
export interface Travel {
  readonly store: StoreApi<TravelState>
  readonly market: Market
  /** Whether the screen shows the record. */
  isAway(): boolean
  /** Leaves the present for an instant, or for the last one that the screen has shown. */
  open(at?: number): void
  goTo(at: number): void
  /** The same time of another day. */
  goToDay(date: string): void
  step(unit: StepUnit, by: -1 | 1): void
  togglePlay(): void
  setSpeed(speed: Speed): void
  /** Back to the market of now. */
  leave(): void
}

type Frame = ChainAt['frames'][number]

interface Work {
  readonly deps: TravelDeps
  readonly store: StoreApi<TravelState>
  readonly market: StoreApi<MarketState>
  /** Rises with everything that makes answers on their way worthless. */
  turn: number
  wanted: number | null
  isAsking: boolean
  /** Ticks that are still to be gone; negative = back. */
  ticks: number
  /** Of the shown instant. */
  around: Pick<ChainAt, 'before' | 'after'> | null
  readonly played: Played
}

/** What is read ahead of the screen. */
interface Played {
  frames: { readonly frame: Frame; readonly summary: ChainAt['summary'] }[]
  /** Where the next stretch begins. */
  next: number
  isAsking: boolean
  stop: () => void
}

/** Keys that are held down may run ahead of the record by so many ticks. */
const MOST_TICKS = 20
/** A second of playing is read at once, and the next while it is shown. */
const FRAMES_AHEAD = FRAMES_PER_SECOND
const FRAME_MS = 1_000 / FRAMES_PER_SECOND

export function createTravel(deps: TravelDeps): Travel {
  const work: Work = {
    deps,
    store: createStore<TravelState>(() => PRESENT),
    market: createStore<MarketState>(() => emptyState(deps.live.store.getState().selection)),
    turn: 0,
    wanted: null,
    isAsking: false,
    ticks: 0,
    around: null,
    played: { frames: [], next: 0, isAsking: false, stop: () => {} },
  }
  return {
    store: work.store,
    market: {
      store: work.market,
      start() {},
      stop: () => leave(work),
      setVisible: (visible) => deps.live.setVisible(visible),
      setFrozen() {},
      select(selection) {
        deps.live.select(selection)
        const { at } = work.store.getState()
        if (at !== null) void enter(work, at, selection)
      },
    },
    isAway: () => work.store.getState().at !== null,
    open: (at) => open(work, at),
    goTo: (at) => goTo(work, at),
    goToDay(date) {
      const { at } = work.store.getState()
      if (at !== null) void enter(work, istInstant(date) + at - istInstant(istDate(at)))
    },
    step: (unit, by) => step(work, unit, by),
    togglePlay() {
      if (work.store.getState().isPlaying) stopHere(work)
      else void play(work)
    },
    setSpeed(speed) {
      work.store.setState({ speed })
      if (work.store.getState().isPlaying) void play(work)
    },
    leave: () => leave(work),
  }
}

const PRESENT: TravelState = {
  at: null,
  days: null,
  track: null,
  isPlaying: false,
  speed: 1,
  isLate: false,
  fault: null,
}

function open(work: Work, at: number | undefined): void {
  const { chain, now, frozen, selection } = work.deps.live.store.getState()
  const shown = frozen ? (chain?.head.time ?? now) : now
  const from = at ?? (shown === null ? null : 1_000 * Math.floor(shown / 1_000))
  if (from !== null) void enter(work, from, selection)
}

/** Everything of an instant anew: its day, its expiries, its chain. */
async function enter(work: Work, at: number, chosen: Selection = work.market.getState().selection): Promise<void> {
  const { deps, store, market } = work
  const { client, live } = deps
  const turn = beginTurn(work)
  const { indices } = live.store.getState()
  store.setState({ at, fault: null })
  market.setState({ ...emptyState(chosen), ...past(null, {}), link: 'live', indices, now: at, asOf: at })
  try {
    const { days } = await client.ask('recordedDays', {})
    if (turn !== work.turn) return
    const wanted = istDate(at)
    const date = days.includes(wanted) ? wanted : (days.findLast((day) => day < wanted) ?? days[0])
    store.setState({ days })
    if (date === undefined) return store.setState({ fault: NOTHING })
    const track = readTrack(await client.ask('recordedDay', { index: chosen.index, date }))
    if (turn !== work.turn) return
    const isListed = track.expiries.some(({ buckets }) => buckets.includes(chosen.bucket))
    const nearest = track.expiries[0]?.buckets[0]
    const selection = isListed || nearest === undefined ? chosen : { ...chosen, bucket: nearest }
    const { expiries, source } = track
    store.setState({ track })
    market.setState({ selection, expiries: { index: chosen.index, date, source, expiries } })
    arrive(work, date === wanted ? at : (track.recorded?.to ?? track.to))
  } catch (fault) {
    if (turn === work.turn) store.setState({ fault: faultOf(fault) })
  }
}

const NOTHING = {
  message: 'Nothing is on record yet.',
  hint: 'The record begins with the first packets of an open market. L goes back to it.',
}

function faultOf(fault: unknown): NonNullable<TravelState['fault']> {
  if (fault instanceof MonitorFault) return fault
  return { message: 'The answer cannot be read.', hint: 'Load the page again; page and monitor may differ in version.' }
}

/** Answers that are on their way, and ticks that were asked for, count no more. */
function beginTurn(work: Work): number {
  pause(work)
  work.turn += 1
  work.wanted = null
  work.isAsking = false
  work.ticks = 0
  work.around = null
  return work.turn
}

/** Another day than that of the track is entered, also while one is still on its way. */
function goTo(work: Work, at: number): void {
  const { at: asked, track } = work.store.getState()
  if (asked === null) return
  if (track?.date === istDate(at)) arrive(work, at)
  else void enter(work, at)
}

function arrive(work: Work, at: number): void {
  pause(work)
  work.ticks = 0
  want(work, at)
}

function want(work: Work, at: number): void {
  const { store, deps } = work
  const { track } = store.getState()
  const now = deps.live.store.getState().now ?? Number.POSITIVE_INFINITY
  if (track === null) return
  const instant = Math.min(within(at, track), now)
  work.wanted = instant
  store.setState({ at: instant })
  if (track.recorded === null || instant > track.recorded.to) void refreshTrack(work)
  void show(work)
}

/** Reads what is wanted, one instant at a time; of those that are wanted meanwhile the last. */
async function show(work: Work): Promise<void> {
  if (work.isAsking) return
  const { turn } = work
  work.isAsking = true
  while (work.wanted !== null && turn === work.turn) {
    const at = work.wanted
    work.wanted = null
    try {
      const answer = await askChain(work, at, 1)
      if (turn !== work.turn) return
      work.around = answer
      const [frame] = answer.frames
      if (frame !== undefined) showFrame(work, frame, answer.summary, false)
      work.store.setState({ fault: null })
      takeTick(work)
    } catch (fault) {
      if (turn !== work.turn) return
      work.around = null
      work.ticks = 0
      work.market.setState({ chain: null, now: at, asOf: at })
      work.store.setState({ fault: faultOf(fault) })
    }
  }
  if (turn === work.turn) work.isAsking = false
}

function askChain({ deps, market }: Work, at: number, frames: number, step = 1_000): Promise<ChainAt> {
  const { index, bucket } = market.getState().selection
  return deps.client.ask('chainAt', { index, bucket, at: formatIst(at), frames, step })
}

/** Draws a state; `isNext` = it goes on from the one before, whose prices tell in which direction they moved. */
function showFrame({ market, store }: Work, frame: Frame, summary: ChainAt['summary'], isNext: boolean): void {
  const { track } = store.getState()
  const { time } = frame.chain.head
  const phase = track === null ? null : phaseOf(track, time)
  const session =
    phase === null
      ? { phase: 'closed', until: null, note: null }
      : { phase: phase.phase, until: formatIst(phase.to), note: null }
  market.setState(({ chain }) => ({
    ...past(summary, frame.spots, session),
    chain: applyMessages(isNext ? chain : null, [frame.chain]),
    now: time,
    asOf: time,
  }))
}

function past(
  summary: ChainAt['summary'] | null,
  spots: Frame['spots'],
  session: NonNullable<MarketState['past']>['session'] = null,
): Pick<MarketState, 'past'> {
  return { past: { summary, spots, session } }
}

function step(work: Work, unit: StepUnit, by: -1 | 1): void {
  pause(work)
  const { at, track } = work.store.getState()
  if (at === null || track === null) return
  if (unit === 'tick') {
    work.ticks = Math.min(Math.max(work.ticks + by, -MOST_TICKS), MOST_TICKS)
    if (work.around === null && !work.isAsking) want(work, at)
    else takeTick(work)
  } else goTo(work, stepped(at, unit, by))
}

/** Goes one of the ticks that were asked for, as soon as the neighbours of the shown instant are known. */
function takeTick(work: Work): void {
  const { ticks, around } = work
  if (ticks === 0 || around === null || work.wanted !== null) return
  const neighbour = ticks > 0 ? around.after : around.before
  if (neighbour === null) {
    work.ticks = 0
    return
  }
  work.ticks -= Math.sign(ticks)
  work.around = null
  want(work, Date.parse(neighbour))
}

async function play(work: Work): Promise<void> {
  const { store, deps, played } = work
  const turn = beginTurn(work)
  await refreshTrack(work)
  const { at, track } = store.getState()
  if (turn !== work.turn || at === null || track?.recorded == null || at >= track.recorded.to) return
  // Whoever starts before the record comes to its beginning.
  played.next = Math.max(at, track.recorded.from)
  played.stop = deps.every(FRAME_MS, () => playFrame(work))
  store.setState({ isPlaying: true })
  void readAhead(work)
}

/** Stays at what is shown. */
function pause(work: Work): void {
  const { store, played, market } = work
  if (!store.getState().isPlaying) return
  played.stop()
  played.frames = []
  played.isAsking = false
  work.turn += 1
  work.isAsking = false
  work.around = null
  store.setState({ isPlaying: false, isLate: false, at: market.getState().now })
}

function stopHere(work: Work): void {
  pause(work)
  const { at } = work.store.getState()
  if (at !== null) want(work, at)
}

/** No state is passed over: when the next one is not there, the clock waits for it, and that is said. */
function playFrame(work: Work): void {
  const { store, played } = work
  const next = played.frames.shift()
  const { track, isLate } = store.getState()
  if (next === undefined) {
    if (!isLate) store.setState({ isLate: true })
    return
  }
  const { time } = next.frame.chain.head
  store.setState({ at: time, isLate: false })
  showFrame(work, next.frame, next.summary, true)
  if (track?.recorded == null || time >= track.recorded.to) stopHere(work)
  else if (played.frames.length <= FRAMES_AHEAD / 2) void readAhead(work)
}

async function readAhead(work: Work): Promise<void> {
  const { store, played, turn } = work
  if (played.isAsking) return
  played.isAsking = true
  const stepMs = store.getState().speed * FRAME_MS
  const { track } = store.getState()
  try {
    if (track?.recorded != null && played.next + FRAMES_AHEAD * stepMs > track.recorded.to) await refreshTrack(work)
    const { summary, frames } = await askChain(work, played.next, FRAMES_AHEAD, stepMs)
    if (turn !== work.turn) return
    played.frames.push(...frames.map((frame) => ({ frame, summary })))
    played.next += frames.length * stepMs
    played.isAsking = false
  } catch (fault) {
    if (turn !== work.turn) return
    pause(work)
    store.setState({ fault: faultOf(fault) })
  }
}

/** The day of now goes on: its record reaches further than when it was read. */
async function refreshTrack({ deps, store, market }: Work): Promise<void> {
  const { track } = store.getState()
  const { now } = deps.live.store.getState()
  if (track === null || now === null || track.date !== istDate(now)) return
  const { index } = market.getState().selection
  try {
    const read = readTrack(await deps.client.ask('recordedDay', { index, date: track.date }))
    if (store.getState().track === track) store.setState({ track: read })
  } catch {
    // What is known of the day goes on to hold; the chain that is asked for next says what is wrong.
  }
}

function leave(work: Work): void {
  beginTurn(work)
  work.store.setState({ ...PRESENT, speed: work.store.getState().speed })
  work.market.setState(emptyState(work.market.getState().selection))
}
