let context: AudioContext | undefined

/** The two tones of the sound, in hertz, and when each begins, in seconds. */
const tones = [
  [659.25, 0],
  [987.77, 0.11],
] as const
/** Seconds until a tone has died away. */
const fades = 0.5
/** The most that a tone may add, out of 1. */
const loudest = 0.3

/**
 * Chime plays a short sound of its own, with a volume of 0 to 1. Browsers keep a
 * page silent until somebody has touched it; so long there is none.
 */
export function chime(volume: number): void {
  if (volume <= 0 || navigator.userActivation?.hasBeenActive === false) return
  context ??= new AudioContext()
  void context.resume()
  for (const [frequency, after] of tones) play(context, frequency, context.currentTime + after, volume)
}

function play(context: AudioContext, frequency: number, at: number, volume: number): void {
  const tone = context.createOscillator()
  const gain = context.createGain()
  tone.frequency.value = frequency
  // The ear hears steps of power: half of the way is half as loud.
  const peak = loudest * volume ** 2
  gain.gain.setValueAtTime(0, at)
  gain.gain.linearRampToValueAtTime(peak, at + 0.012)
  gain.gain.exponentialRampToValueAtTime(peak / 1_000, at + fades)
  tone.connect(gain).connect(context.destination)
  tone.start(at)
  tone.stop(at + fades)
}
