export interface ServerEvent {
  readonly event: string
  readonly data: string
}

/** Server-sent events of a body, as `/stream` writes them: one `event` and one `data` line each, LF only. */
export async function* readEvents(body: ReadableStream<Uint8Array>, onBytes: () => void): AsyncIterable<ServerEvent> {
  const reader = body.getReader()
  const decoder = new TextDecoder()
  let rest = ''
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return
      onBytes()
      const blocks = (rest + decoder.decode(value, { stream: true })).split('\n\n')
      rest = blocks.pop() ?? ''
      for (const block of blocks) {
        const event = parseBlock(block)
        if (event !== null) yield event
      }
    }
  } finally {
    reader.releaseLock()
  }
}

/** null for a comment. */
function parseBlock(block: string): ServerEvent | null {
  let event = 'message'
  let data: string | null = null
  for (const line of block.split('\n')) {
    if (line.startsWith('event: ')) event = line.slice(7)
    else if (line.startsWith('data: ')) data = line.slice(6)
  }
  return data === null ? null : { event, data }
}
