// What an Electron older than the product's lacks. Only the Electron of the tests loads this; no release contains it.
const fs = require('node:fs')
const diagnostics = require('node:diagnostics_channel')
const { join, relative } = require('node:path')
const zlib = require('node:zlib')

function supply(target, name, value) {
  if (target[name] !== undefined) return
  Object.defineProperty(target, name, { value, writable: true, configurable: true })
}

supply(Array.prototype, 'toSorted', function toSorted(compare) {
  return [...this].sort(compare)
})
supply(Array.prototype, 'toReversed', function toReversed() {
  return [...this].reverse()
})
supply(Array.prototype, 'toSpliced', function toSpliced(...change) {
  const copy = [...this]
  copy.splice(...change)
  return copy
})
supply(Array.prototype, 'with', function replaced(at, value) {
  const copy = [...this]
  copy[at < 0 ? at + copy.length : at] = value
  return copy
})
supply(Array, 'fromAsync', async (source, map = (item) => item) => {
  const items = []
  for await (const item of source) items.push(await map(item, items.length))
  return items
})

supply(Map, 'groupBy', (items, keyOf) => {
  const groups = new Map()
  let index = 0
  for (const item of items) {
    const key = keyOf(item, index++)
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [item])
    else group.push(item)
  }
  return groups
})
supply(Object, 'groupBy', (items, keyOf) =>
  Object.assign(Object.create(null), Object.fromEntries(Map.groupBy(items, keyOf))),
)

supply(Promise, 'withResolvers', () => {
  const parts = {}
  parts.promise = new Promise((resolve, reject) => Object.assign(parts, { resolve, reject }))
  return parts
})
supply(Promise, 'try', async (run, ...args) => run(...args))

supply(URL, 'canParse', (address, base) => {
  try {
    return new URL(address, base) !== null
  } catch {
    return false
  }
})

supply(AbortSignal, 'any', (signals) => {
  const controller = new AbortController()
  for (const signal of signals) {
    if (signal.aborted) {
      controller.abort(signal.reason)
      break
    }
    signal.addEventListener('abort', () => controller.abort(signal.reason), { signal: controller.signal })
  }
  return controller.signal
})

supply(Symbol, 'dispose', Symbol('Symbol.dispose'))
supply(Symbol, 'asyncDispose', Symbol('Symbol.asyncDispose'))

supply(process, 'getBuiltinModule', (name) => {
  try {
    return require(name.startsWith('node:') ? name : `node:${name}`)
  } catch {
    return undefined
  }
})
supply(process, 'availableMemory', () => require('node:os').freemem())

/** A channel that nobody can listen to. */
function deafChannel(name) {
  const parts = ['start', 'end', 'asyncStart', 'asyncEnd', 'error']
  return {
    ...Object.fromEntries(parts.map((part) => [part, diagnostics.channel(`tracing:${name}:${part}`)])),
    hasSubscribers: false,
    subscribe() {},
    unsubscribe: () => false,
    traceSync: (run, _context, self, ...args) => Reflect.apply(run, self, args),
    tracePromise: async (run, _context, self, ...args) => Reflect.apply(run, self, args),
    traceCallback: (run, _position, _context, self, ...args) => Reflect.apply(run, self, args),
  }
}
supply(diagnostics, 'tracingChannel', deafChannel)

const crcOf = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1
  return crc
})
supply(zlib, 'crc32', (data, seed = 0) => {
  const bytes = typeof data === 'string' ? Buffer.from(data) : data
  let crc = ~seed
  for (let i = 0; i < bytes.length; i++) crc = crcOf[(crc ^ bytes[i]) & 0xff] ^ (crc >>> 8)
  return ~crc >>> 0
})

supply(URL, 'parse', (text, base) => {
  try {
    return new URL(text, base)
  } catch {
    return null
  }
})
supply(URL, 'canParse', (text, base) => URL.parse(text, base) !== null)

/** Node 18.17 reads folders recursively, and its entries know their folder. */
if (Number(process.versions.node.split('.')[0]) < 20) {
  const { readdir } = fs.promises
  fs.promises.readdir = async (folder, options) => {
    const settings = typeof options === 'string' ? { encoding: options } : (options ?? {})
    const entries = await readdir(folder, { ...settings, withFileTypes: true })
    const inner = await Promise.all(
      entries
        .filter((entry) => settings.recursive && entry.isDirectory())
        .map(({ name }) => fs.promises.readdir(join(folder, name), { ...settings, withFileTypes: true })),
    )
    for (const entry of entries) entry.parentPath = folder
    const all = [...entries, ...inner.flat()]
    return settings.withFileTypes ? all : all.map((entry) => relative(folder, join(entry.parentPath, entry.name)))
  }
}

// better-sqlite3's prebuilt binary is for Node-API 10; here lies the same source, built for 8.
const binding = join(__dirname, 'better_sqlite3.node')
const PREBUILT = /[\\/]better-sqlite3[\\/]prebuilds[\\/][^\\/]+\.node$/
if (Number(process.versions.napi) < 10 && fs.existsSync(binding)) {
  const { dlopen } = process
  process.dlopen = (module, file, ...flags) =>
    Reflect.apply(dlopen, process, [module, PREBUILT.test(file) ? binding : file, ...flags])
}
