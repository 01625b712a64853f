import { createStore } from 'zustand/vanilla'

/** Dialogs is the open modal dialogs, the one in front last. While there is one, the page behind it can be neither reached nor heard. */
export const dialogs = createStore<readonly HTMLElement[]>(() => [])

/** Opened says that a dialog is in front of everything; returns how to say that it is gone. */
export function opened(dialog: HTMLElement): () => void {
  dialogs.setState([...dialogs.getState(), dialog], true)
  return () =>
    dialogs.setState(
      dialogs.getState().filter((other) => other !== dialog),
      true,
    )
}
