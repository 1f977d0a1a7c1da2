/** Two short sines, the second a fourth higher. */
const TONES = [
  { hertz: 880, at: 0 },
  { hertz: 1_174.7, at: 0.13 },
] as const
const TONE_S = 0.22
const LOUDNESS = 0.16

/** A browser lets a page make sounds only once the user has clicked or typed in it. */
export interface AlertSound {
  play(): void
  /** Whether the browser keeps the page silent now. */
  isBlocked(): boolean
}

/** The sound of an alert; `isMuted` is the user's own wish. */
export function createAlertSound(window: Window & typeof globalThis, isMuted: () => boolean): AlertSound {
  let context: AudioContext | null = null
  const wake = () => {
    context ??= new window.AudioContext()
    // Until there was a gesture this waits, and is no fault.
    if (context.state === 'suspended') void context.resume()
    return context
  }
  for (const gesture of ['pointerdown', 'keydown'] as const) window.addEventListener(gesture, wake, { once: true })
  return {
    play() {
      if (isMuted() || typeof window.AudioContext !== 'function') return
      const audio = wake()
      // What could not be heard at its time is not played later.
      if (audio.state === 'running') blip(audio)
    },
    isBlocked: () => context?.state !== 'running' && !window.navigator.userActivation.hasBeenActive,
  }
}

function blip(audio: AudioContext): void {
  for (const { hertz, at } of TONES) {
    const from = audio.currentTime + at
    const tone = audio.createOscillator()
    const gain = audio.createGain()
    tone.frequency.value = hertz
    // Without a ramp at either end it would click.
    gain.gain.setValueAtTime(0, from)
    gain.gain.linearRampToValueAtTime(LOUDNESS, from + 0.015)
    gain.gain.exponentialRampToValueAtTime(0.001, from + TONE_S)
    tone.connect(gain).connect(audio.destination)
    tone.start(from)
    tone.stop(from + TONE_S)
  }
}
