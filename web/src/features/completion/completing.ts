import { createStore, type StoreApi } from 'zustand/vanilla'
import { type Sign, type Word, wordAt } from './word'

/** Something that a word can become. */
export interface Option {
  /** Tells the options of one source apart. */
  id: string
  /** What is written in place of the word; a space comes behind it. */
  text: string
  /** What was written means this already: nothing is left to complete. */
  complete: boolean
}

/** Source knows the options of one sign. */
export interface Source<Kind extends Option = Option> {
  /** Letters that are needed before anything is offered. */
  least: number
  /** Find is what fits, the best first, of what is known on this device. */
  find(query: string): readonly Kind[]
  /** Learn finds out more, if there is more to know: whatever came of it, the source is asked again then. */
  learn(query: string): Promise<void> | undefined
  /** Exactly is what a query means that was ended by the sign itself. */
  exactly?(query: string): Kind | undefined
}

export interface Completing<Kind extends Option = Option> {
  /** The word that can be completed; undefined while nothing is offered. */
  word: Word | undefined
  options: readonly Kind[]
  /** Which of the options is the present one. */
  at: number
}

/** What to write in place of a part of a text. */
export interface Writing {
  from: number
  to: number
  text: string
}

/** What a key of the list does: it is used up, it writes something, or it is none of the list's. */
export type Pressed = 'taken' | 'not mine' | Writing

/**
 * Completion offers what a word may become while it is written. It opens by
 * writing alone, never because the caret came by; a word that was dismissed
 * stays so for as long as it is the same word.
 */
export class Completion<Kind extends Option = Option> {
  readonly state: StoreApi<Completing<Kind>> = createStore<Completing<Kind>>(() => nothing)
  readonly #sources: Readonly<Record<Sign, Source<Kind>>>
  /** Where the word stands that nothing shall be offered for. */
  #dismissed: number | undefined
  /** The word that was written last, unless something else has happened since. What is learnt for another one is too late. */
  #written: Word | undefined

  constructor(sources: Readonly<Record<Sign, Source<Kind>>>) {
    this.#sources = sources
  }

  /** Wrote takes the text behind each change of it. What it returns is to be written at once. */
  wrote(text: string, caret: number): Writing | undefined {
    const word = wordAt(text, caret)
    this.#written = word
    if (word?.from !== this.#dismissed) this.#dismissed = undefined
    if (!word || this.#dismissed !== undefined) {
      this.#close()
      return undefined
    }
    const source = this.#sources[word.sign]
    if (word.query.endsWith(word.sign)) {
      this.#close()
      const meant = source.exactly?.(word.query.slice(0, -1))
      return meant && { from: word.from, to: word.to, text: meant.text }
    }
    this.#offer(word)
    void source.learn(word.query)?.then(() => {
      if (this.#written === word) this.#offer(word)
    })
    return undefined
  }

  /** Moved takes where the caret went without anything having been written. */
  moved(text: string, from: number, to: number): void {
    const word = this.#written
    if (!word) return
    const now = from === to ? wordAt(text, to) : undefined
    if (now?.from !== word.from || now.to !== word.to) this.close()
  }

  /** Press takes a key by its name; one that ends or feeds a composition must not come here. */
  press(key: string): Pressed {
    const { word, options, at } = this.state.getState()
    if (!word) return 'not mine'
    switch (key) {
      case 'ArrowDown':
        return this.point((at + 1) % options.length)
      case 'ArrowUp':
        return this.point((at + options.length - 1) % options.length)
      case 'Escape':
        this.dismiss()
        return 'taken'
      case 'Tab':
        return this.choose(at) ?? 'taken'
      case 'Enter':
        // What is complete already is sent by the key that sends.
        if (!options[at]?.complete) return this.choose(at) ?? 'taken'
        this.dismiss()
        return 'not mine'
    }
    return 'not mine'
  }

  /** Point makes another option the present one. */
  point(at: number): 'taken' {
    this.state.setState({ at })
    return 'taken'
  }

  /** Choose takes an option, and says what is to be written. */
  choose(at: number): Writing | undefined {
    const { word, options } = this.state.getState()
    const option = options[at]
    if (!word || !option) return undefined
    this.dismiss()
    return { from: word.from, to: word.to, text: `${option.text} ` }
  }

  /** Dismiss offers nothing more for the present word. */
  dismiss(): void {
    this.#dismissed = this.state.getState().word?.from
    this.close()
  }

  /** Close offers nothing until more is written. */
  close(): void {
    this.#written = undefined
    this.#close()
  }

  #offer(word: Word): void {
    const source = this.#sources[word.sign]
    const options = word.query.length < source.least ? [] : source.find(word.query)
    if (options.length === 0) return this.#close()
    const before = this.state.getState()
    // More came to know of the same word: the present option stays the present one.
    const same = before.word?.from === word.from && before.word.query === word.query
    const present = same ? options.findIndex(({ id }) => id === before.options[before.at]?.id) : 0
    this.state.setState({ word, options, at: Math.max(0, present) }, true)
  }

  #close(): void {
    if (this.state.getState().word) this.state.setState(nothing, true)
  }
}

const nothing = { word: undefined, options: [], at: 0 }
