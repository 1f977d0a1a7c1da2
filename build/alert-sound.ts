// `node build/alert-sound.ts`: makes resources/sounds/alert.wav, two rising blips and one that stays.
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const SOUND_FILE = 'resources/sounds/alert.wav'

const SAMPLE_RATE = 22_050
const LOUDNESS = 0.45
/** Blips in seconds and hertz: a fifth up, then the octave. */
const BLIPS = [
  { at: 0, lasts: 0.11, pitch: 660 },
  { at: 0.13, lasts: 0.11, pitch: 990 },
  { at: 0.26, lasts: 0.34, pitch: 1320 },
]
const LENGTH_SECONDS = 0.62
const ATTACK_SECONDS = 0.006

/** Quick to rise, dies away; zero at both ends, so that nothing clicks. */
function envelope(seconds: number, lasts: number): number {
  const attack = Math.min(1, seconds / ATTACK_SECONDS)
  return attack * (1 - seconds / lasts) ** 1.5
}

function sampleAt(seconds: number): number {
  return BLIPS.reduce((sum, { at, lasts, pitch }) => {
    const since = seconds - at
    if (since < 0 || since >= lasts) return sum
    return sum + LOUDNESS * envelope(since, lasts) * Math.sin(2 * Math.PI * pitch * since)
  }, 0)
}

/** A WAV file: 16 bit, mono, PCM. */
export function alertSound(): Buffer {
  const count = Math.round(LENGTH_SECONDS * SAMPLE_RATE)
  const data = Buffer.alloc(2 * count)
  for (let i = 0; i < count; i++) data.writeInt16LE(Math.round(32_767 * sampleAt(i / SAMPLE_RATE)), 2 * i)
  const header = Buffer.alloc(44)
  header.write('RIFF', 0)
  header.writeUInt32LE(36 + data.length, 4)
  header.write('WAVEfmt ', 8)
  header.writeUInt32LE(16, 16)
  header.writeUInt16LE(1, 20)
  header.writeUInt16LE(1, 22)
  header.writeUInt32LE(SAMPLE_RATE, 24)
  header.writeUInt32LE(2 * SAMPLE_RATE, 28)
  header.writeUInt16LE(2, 32)
  header.writeUInt16LE(16, 34)
  header.write('data', 36)
  header.writeUInt32LE(data.length, 40)
  return Buffer.concat([header, data])
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const file = join(import.meta.dirname, '..', SOUND_FILE)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, alertSound())
}
