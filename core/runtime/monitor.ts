import { setImmediate, setTimeout } from 'node:timers/promises'
import { prepareDataDir } from '../config/data-dir.ts'
import { createDoor, type Door } from '../http/door.ts'
import { type Component, once, stopAll } from '../kernel/lifecycle.ts'
import type { Doors, Monitor, MonitorInputs } from './monitor-shape.ts'
import { createInstanceLock } from './owner-file.ts'
import { isPortFree } from './port-free.ts'
import { checkSupported } from './unsupported.ts'

/**
 * Starts everything in order; when a part fails, those already started are stopped and the fault is thrown. The page is
 * served before anything else is read; what it asks waits for the parts that answer.
 */
export async function startMonitor(inputs: MonitorInputs): Promise<Monitor> {
  const { loaded, logger, onPage = () => {} } = inputs
  const { settings } = loaded
  const started: Component[] = []
  const begin = async (component: Component) => {
    started.push(component)
    await component.start()
  }
  try {
    checkSupported(loaded, logger)
    prepareDataDir(settings.DATA_DIR)
    await begin(createInstanceLock(settings.DATA_DIR))
    const doors = createDoors(inputs, await chosenPorts(inputs))
    await begin(doors.api)
    await begin(doors.metrics)
    onPage(addressOf(settings.API_HOST, doors.api))
    const { startParts } = await readParts(doors.api)
    const parts = await startParts(inputs, doors, begin)
    return {
      ...parts,
      address: addressOf(settings.API_HOST, doors.api),
      metricsAddress: addressOf(settings.METRICS_HOST, doors.metrics),
      stop: once(() => stopAll(started, inputs.onStop)),
    }
  } catch (fault) {
    await stopAll(started).catch((second: unknown) => {
      logger.error('what had started could not be stopped cleanly', { error: second })
    })
    throw fault
  }
}

/** Whoever waited for the address is at the door within this time, before half a second of reading begins. */
const FIRST_VISIT_MS = 15

/** What is behind the doors is read only now, and in pieces: whoever asks for the page meanwhile gets it between two. */
async function readParts({ calm }: Door) {
  await setTimeout(FIRST_VISIT_MS)
  const heavy = [() => import('./market-source.ts'), () => import('../http/server.ts'), () => import('./compose.ts')]
  for (const read of heavy) {
    await setImmediate()
    await calm()
    await read()
  }
  await setImmediate()
  await calm()
  return import('./monitor-parts.ts')
}

const addressOf = (host: string, door: Door): string => `http://${host}:${door.port()}`

/** The ports to listen on: those of the settings, 0 (any) in the place of one that is taken. */
async function chosenPorts({ loaded, logger, anyPort }: MonitorInputs) {
  const { API_HOST, API_PORT, METRICS_HOST, METRICS_PORT } = loaded.settings
  if (!anyPort) return { api: API_PORT, metrics: METRICS_PORT }
  const choose = async (setting: string, host: string, port: number) => {
    if (await isPortFree(host, port)) return port
    logger.warning(`port ${port} (${setting}) is taken by another program: a free one is used`)
    return 0
  }
  return {
    api: await choose('API_PORT', API_HOST, API_PORT),
    metrics: await choose('METRICS_PORT', METRICS_HOST, METRICS_PORT),
  }
}

function createDoors({ loaded, pageFolder }: MonitorInputs, ports: Awaited<ReturnType<typeof chosenPorts>>): Doors {
  const { API_HOST, METRICS_HOST, ALLOWED_HOSTS } = loaded.settings
  return {
    api: createDoor({
      name: 'api',
      host: API_HOST,
      port: ports.api,
      portSetting: 'API_PORT',
      allowedHosts: ALLOWED_HOSTS ?? [],
      pageFolder,
    }),
    metrics: createDoor({
      name: 'metrics',
      host: METRICS_HOST,
      port: ports.metrics,
      portSetting: 'METRICS_PORT',
      allowedHosts: [],
      pageFolder: null,
    }),
  }
}
