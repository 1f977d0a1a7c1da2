import { randomBytes } from 'node:crypto'
import { createMemoryBus } from '../bus/memory-bus.ts'
import { createRecordComposer } from '../contract/leg-record.ts'
import type { Settings } from '../contract/settings.ts'
import type { Calendar } from '../domain/calendar.ts'
import { istDate, istInstant } from '../domain/ist.ts'
import { createAnalytics } from '../engine/analytics.ts'
import { createBusProjection } from '../engine/bus-projection.ts'
import { type Collector, createCollector } from '../engine/collector.ts'
import { createEnricher } from '../engine/enrich.ts'
import { createGapLedger } from '../engine/gap-ledger.ts'
import { createLiveView, STALE_MS } from '../engine/live-view.ts'
import { createMarketSession } from '../engine/market-session.ts'
import { indicesServed } from '../engine/market-state.ts'
import { createRelay } from '../engine/relay.ts'
import { traceProjection } from '../engine/traced-projection.ts'
import type { Finished } from '../files/finished-files.ts'
import { createLegDigest } from '../files/leg-csv.ts'
import { createCsvProjection, createJsonlProjection } from '../files/leg-projections.ts'
import { type ArrivedDump, createReferenceArchive, type ReferenceArchive } from '../files/reference-archive.ts'
import { createFileJournal, type FileJournal } from '../journal/file-journal.ts'
import { createSegmentPacker } from '../journal/packer.ts'
import type { Clock } from '../kernel/clock.ts'
import { toOpError } from '../kernel/errors.ts'
import type { Component } from '../kernel/lifecycle.ts'
import type { Logger } from '../kernel/logger.ts'
import { parseInstruments } from '../kite/instruments-csv.ts'
import { createRateLimiter } from '../kite/rate-limiter.ts'
import { createKiteReference } from '../kite/rest.ts'
import { createKiteTicker } from '../kite/ticker.ts'
import type { Cursors } from '../ports/cursors.ts'
import type { EventBus } from '../ports/event-bus.ts'
import type { MarketFeed } from '../ports/market-feed.ts'
import type { MarketReference } from '../ports/market-reference.ts'
import type { Metrics } from '../ports/metrics.ts'
import type { Projection } from '../ports/projection.ts'
import type { UnpackArchived } from '../store/day-archive.ts'
import { createDayStores, type DayStores } from '../store/day-store.ts'
import { createMetaStore, type MetaStore } from '../store/meta-store.ts'
import { unpackInThread } from './archive-thread.ts'
import { type ClosingIvs, createClosingIvs } from './closing-ivs.ts'
import type { Encryption } from './encryption.ts'
import type { FileAccess } from './file-access.ts'
import { type OpenSource, refuseSimulated, type SourcePlan, spareDeadTokens } from './market-source.ts'
import { createPreviousOi } from './previous-oi.ts'
import { createRecordLevel } from './record-level.ts'
import { createRecordTally, type RecordTally } from './record-tally.ts'

/** What every part gets from outside. */
export interface Foundation {
  readonly settings: Settings
  /** Strike offsets that are recorded; null = every strike. */
  readonly offsets: ReadonlySet<number> | null
  readonly clock: Clock
  readonly calendar: Calendar
  readonly logger: Logger
  readonly metrics: Metrics
  readonly plan: SourcePlan
  /** How the files of the record are read and written. */
  readonly access: FileAccess
  readonly encryption: Encryption
}

/** Recorded quotes come a minute apart: at their own speed, half a minute without a packet is nothing unusual. */
const MINUTE_QUOTES = { staleMs: 90_000, muteMs: 120_000 }

/** With the collector's 50 ms and the disk's own time, what is received is durable within 200 ms. */
const COMMIT_MS = 100
/** Some minutes of the record, and a clean stop, on a disk that is full. */
const RESERVE_BYTES = 16 * 1024 * 1024
const LATE_MS = 20 * 60_000

export const newTrace = (): string => randomBytes(8).toString('hex')

/** The record and what is built from it: everything that does not need the market. */
export interface RecordParts {
  readonly journal: FileJournal
  /** Compresses the journal's finished segments, and encrypts them where that is asked for. */
  readonly packer: Component
  readonly meta: MetaStore
  readonly days: DayStores
  readonly files: readonly Projection[]
  /** Instruments dumps of every day. */
  readonly reference: ReferenceArchive
  readonly bus: EventBus
}

/** `archiveWorker`: the program of the thread that unpacks archived days. */
export function composeRecord(foundation: Foundation, archiveWorker: string): RecordParts {
  const { settings, clock, logger, metrics, plan, access } = foundation
  const { dataRoot: folder, source } = plan
  const { cipher } = foundation.encryption
  const named = (service: string) => logger.child({ service })
  const journal = createFileJournal(
    { clock, logger: named('journal'), metrics, cipher, ...access },
    { folder: `${folder}/journal`, source, commitIntervalMs: COMMIT_MS, reserveBytes: RESERVE_BYTES },
  )
  const meta = createMetaStore({ folder })
  const composer = createRecordComposer()
  const days = createDayStores(
    {
      ...{ clock, logger: named('store'), cursors: meta.cursors, durable: () => journal.durable() },
      ...{ ...composer, digestOf: createLegDigest(), unpackDay: unpackerOf(foundation, archiveWorker) },
    },
    { folder },
  )
  return {
    journal,
    packer: createSegmentPacker({ clock, logger: named('journal'), cipher }, { folder: `${folder}/journal` }),
    meta,
    days,
    files: composeFiles(
      { ...foundation, logger: named('files'), folder, source, isClosed: days.closed.has },
      meta.cursors,
    ),
    reference: createReferenceArchive(
      { parse: async (body, exchange) => (await parseInstruments(body, exchange))?.instruments ?? null },
      { folder, names: new Set(settings.INDICES) },
    ),
    bus: createMemoryBus({ clock, logger: named('bus'), random: Math.random }),
  }
}

function unpackerOf({ settings, plan, encryption }: Foundation, archiveWorker: string): UnpackArchived {
  return (date, to, signal) => {
    const key = { found: encryption.keyring.find(), dataDir: settings.DATA_DIR }
    const task = { root: plan.dataRoot, date, to, key, useMapping: settings.USE_MEMORY_MAPPING }
    return unpackInThread(archiveWorker, task, signal)
  }
}

interface FilesInputs extends Omit<Foundation, 'plan'> {
  readonly folder: string
  readonly source: SourcePlan['source']
  readonly isClosed: (date: string) => boolean
}

function composeFiles(inputs: FilesInputs, cursors: Cursors): readonly Projection[] {
  const { settings, clock, logger, metrics, folder, source, access, isClosed } = inputs
  const { cipher } = inputs.encryption
  const deps = () => ({ clock, logger, cursors, metrics, cipher, legsOf: createRecordComposer().legsOf, ...access })
  // What is encrypted is compressed first.
  const finishes = settings.COMPRESSION_ENABLED || settings.ENABLE_DATA_ENCRYPTION_AT_REST
  const common = { folder, source, isClosed, ...(finishes ? { finished: finishedOf(inputs) } : {}) }
  const csv = { ...common, bufferBytes: settings.CSV_BUFFER_SIZE }
  const jsonl = { ...common, bufferBytes: settings.JSON_BUFFER_SIZE }
  return [
    ...(settings.ENABLE_CSV ? [createCsvProjection(deps(), csv)] : []),
    ...(settings.ENABLE_JSON ? [createJsonlProjection(deps(), jsonl)] : []),
  ]
}

/**
 * A day's files are finished a while after its options stopped trading: late packets are in by then. Those of a day that
 * lies in the archive are about to go.
 */
function finishedOf({ settings, calendar, clock, isClosed }: FilesInputs): Finished {
  const isOver = (date: string) =>
    !isClosed(date) && clock.now() > (calendar.day(date)?.tradeEndsAt ?? istInstant(date, '23:59')) + LATE_MS
  return { level: settings.COMPRESSION_LEVEL, isOver }
}

/** Kite's answers over REST, guarded against dead tokens and against a simulated exchange in a live run. */
function composeReference(
  foundation: Foundation,
  archive: ReferenceArchive,
  { root, tokens }: OpenSource,
): MarketReference {
  const { clock, logger, plan } = foundation
  const onDump = keepDumps(foundation, archive)
  const deps = {
    clock,
    logger: logger.child({ service: 'kite' }),
    tokens,
    limiter: createRateLimiter({ clock }),
    onDump,
  }
  return spareDeadTokens(refuseSimulated(createKiteReference(deps, { root }), plan), tokens)
}

/** Dumps go into `reference/`, behind the back of whoever waits for them; one that cannot be kept is said, and no more. */
function keepDumps({ clock, logger }: Foundation, archive: ReferenceArchive) {
  return (dump: ArrivedDump) => {
    archive.keep(istDate(clock.now()), dump).catch((fault: unknown) => {
      const { code, message } = toOpError(fault)
      logger.error(`the instruments dump of ${dump.exchange} cannot be archived: ${message}`, { code })
    })
  }
}

/** Feed, collector, session, relay and view on a market that is open. */
export function composeMarket(foundation: Foundation, record: RecordParts, market: OpenSource) {
  const { settings, offsets, clock, calendar, logger, metrics, plan } = foundation
  const { journal, days, files, bus } = record
  const random = Math.random
  const { source } = plan
  const feed: MarketFeed = createKiteTicker(
    { clock, logger: logger.child({ service: 'feed' }), tokens: market.tokens, random },
    { root: market.ticker, times: source === 'replay' ? MINUTE_QUOTES : {}, live: source === 'kite' },
  )
  const reference = composeReference(foundation, record.reference, market)
  const rate = settings.RISK_FREE_RATE
  const collector = createCollector(
    {
      clock,
      calendar,
      journal,
      metrics,
      enricher: createEnricher(calendar, rate),
      composer: createRecordComposer(),
      newTrace,
      logger: logger.child({ service: 'collector' }),
      lastLegs: (index, bucket, date) => days.lastLegPerContract(date, index, bucket),
    },
    { source, offsets },
  )
  const gaps = createGapLedger({
    clock,
    calendar,
    journal,
    metrics,
    logger,
    indices: settings.INDICES,
    indicesOf: (connection) => indicesServed(collector.market(), feed.tokensOf(connection)),
  })
  const consumers = [days, ...files, createBusProjection(bus, createRecordComposer(), () => journal.durable())]
  const relay = createRelay(
    { clock, logger: logger.child({ service: 'relay' }), journal, metrics, random },
    consumers.map((consumer) => traceProjection(consumer, logger.child({ service: consumer.name }))),
  )
  const session = createMarketSession(
    {
      clock,
      logger: logger.child({ service: 'market' }),
      calendar,
      reference,
      feed,
      collector,
      gaps,
      journal,
      metrics,
      random,
      recordLevel: createRecordLevel({ clock, logger, relay }, days.name),
    },
    { source, indices: settings.INDICES, buckets: settings.EXPIRY_BUCKETS },
  )
  collector.batches.subscribe(({ entry, batch }) => {
    const { trace: trace_id, index, bucket, rows } = entry
    logger.debug('collected a batch', { service: 'collector', trace_id, index, bucket, batch, count: rows.length })
  })
  const tally = createRecordTally({ clock, metrics, journal, collector, feed })
  const closingIvs = createClosingIvs(days)
  const { view, analytics } = composeViews(foundation, record, collector, tally, closingIvs)
  return { feed, collector, gaps, session, relay, tally, view, analytics, closingIvs }
}

/** What shows and samples the chains in memory. */
function composeViews(
  { settings, offsets, clock, calendar, logger, plan: { source } }: Foundation,
  { journal, days }: RecordParts,
  { market }: Collector,
  { lastBatch }: RecordTally,
  closingIvs: ClosingIvs,
) {
  const rate = settings.RISK_FREE_RATE
  const date = () => market()?.universe.date ?? null
  const view = createLiveView(
    {
      clock,
      calendar,
      enricher: createEnricher(calendar, rate),
      market,
      previousOi: createPreviousOi(days, date),
      lastBatch,
      closingIvs(index, bucket) {
        const today = date()
        return today === null ? [] : closingIvs(today, index, bucket)
      },
    },
    { source, rate, offsets },
  )
  const analytics = createAnalytics(
    {
      clock,
      calendar,
      journal,
      enricher: createEnricher(calendar, rate),
      market,
      newTrace,
      logger: logger.child({ service: 'analytics' }),
    },
    { source, rate, offsets, staleMs: source === 'replay' ? MINUTE_QUOTES.staleMs : STALE_MS },
  )
  return { view, analytics }
}

export type MarketParts = ReturnType<typeof composeMarket>
