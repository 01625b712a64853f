import { Bot } from './bot'

/**
 * Chorus is many people who speak at once, faster than one person may. What
 * they say lands in an order that only the server knows.
 */
export class Chorus {
  readonly #voices: readonly Bot[]

  private constructor(voices: readonly Bot[]) {
    this.#voices = voices
  }

  static async gather(url: string, size: number): Promise<Chorus> {
    const voices: Bot[] = []
    for (let i = 0; i < size; i++) voices.push(await Bot.register(url, `voice${i}`))
    return new Chorus(voices)
  }

  /** First is one of them, who can do what one person does. */
  get first(): Bot {
    return this.#voices[0] as Bot
  }

  /** Voice is one of them; all of them in turn. */
  voice(i: number): Bot {
    return this.#voices[i % this.#voices.length] as Bot
  }

  /** Join makes all of them members, who do not listen. */
  async join(room: number): Promise<void> {
    await Promise.all(this.#voices.map((voice) => voice.enter(room)))
  }

  /** Speak says each of these texts once in the room. */
  async speak(room: number, texts: readonly string[]): Promise<void> {
    const left = [...texts]
    const say = async (voice: Bot) => {
      for (let text = left.pop(); text !== undefined; text = left.pop()) await voice.tell(room, text)
    }
    // A few at a time of each.
    await Promise.all(this.#voices.flatMap((voice) => [say(voice), say(voice), say(voice)]))
  }

  leave(): void {
    for (const voice of this.#voices) voice.leave()
  }
}

/** Numbered is so many texts, each another one. */
export function numbered(count: number, word: string): string[] {
  return Array.from({ length: count }, (_, i) => `${word} ${i}`)
}
