import { ImageUp, Trash2 } from 'lucide-react'
import { type DragEvent, useEffect, useRef, useState } from 'react'
import { Avatar } from '../../design/Avatar'
import { Button } from '../../design/Button'
import { Dialog } from '../../design/Dialog'
import { t } from '../../text/text'
import { explain } from '../failure'
import { tell } from '../notices/toast'
import { useSelf, useWorkspace } from '../workspace'
import styles from './PictureDialog.module.css'

/** Bytes that a file may have; it is made smaller here, before it is sent. */
const largest = 20 << 20
/** Pixels of a side of what is sent. */
const side = 256

/** PictureDialog lets somebody choose, see and remove the picture beside their name. */
export function PictureDialog({ onClose }: { onClose: () => void }) {
  const { session } = useWorkspace()
  const user = useSelf()
  const input = useRef<HTMLInputElement>(null)
  const preview = useRef<HTMLCanvasElement>(null)
  const [cut, setCut] = useState<HTMLCanvasElement>()
  const [error, setError] = useState('')
  const [busy, setBusy] = useState(false)
  const [over, setOver] = useState(false)

  // The policy of the page knows no addresses of blobs, and a canvas needs none.
  useEffect(() => {
    if (cut) preview.current?.getContext('2d')?.drawImage(cut, 0, 0)
  }, [cut])

  const choose = async (file: File | undefined) => {
    if (!file) return
    setCut(undefined)
    setError('')
    if (file.size > largest) return setError(t('picture.size'))
    try {
      setCut(await middleOf(file))
    } catch {
      setError(t('picture.kind'))
    }
  }

  const change = async (what: () => Promise<void>, done: string) => {
    setBusy(true)
    setError('')
    try {
      await what()
      tell(done)
      onClose()
    } catch (failure) {
      setError(explain(failure))
      setBusy(false)
    }
  }

  const drag = (event: DragEvent, entered: boolean) => {
    event.preventDefault()
    setOver(entered)
  }

  return (
    <Dialog title={t('picture.title')} onClose={onClose}>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: dropping is a second way; the button is the first. */}
      <div
        className={over ? `${styles.drop} ${styles.over}` : styles.drop}
        onDragOver={(event) => drag(event, true)}
        onDragLeave={(event) => drag(event, false)}
        onDrop={(event) => {
          drag(event, false)
          void choose(event.dataTransfer.files[0])
        }}
      >
        {cut ? (
          <canvas
            ref={preview}
            width={side}
            height={side}
            className={styles.cut}
            role="img"
            aria-label={t('picture.preview')}
          />
        ) : (
          <Avatar id={user.id} name={user.name} size="large" />
        )}
        <Button onClick={() => input.current?.click()} data-focus>
          <ImageUp size={16} aria-hidden />
          {t('picture.choose')}
        </Button>
        <p className={styles.hint}>{t('picture.hint')}</p>
        <input
          ref={input}
          type="file"
          accept="image/*"
          hidden
          aria-label={t('picture.choose')}
          onChange={({ target }) => {
            void choose(target.files?.[0])
            target.value = ''
          }}
        />
      </div>
      <p role="alert" className={styles.error}>
        {error}
      </p>
      <div className={styles.ends}>
        {user.picture && (
          <Button
            busy={busy}
            onClick={() => void change(() => session.removePicture(), t('picture.removed'))}
          >
            <Trash2 size={16} aria-hidden />
            {t('picture.remove')}
          </Button>
        )}
        <Button
          look="primary"
          busy={busy}
          disabled={!cut}
          onClick={() => cut && void change(() => session.setPicture(encoded(cut)), t('picture.saved'))}
        >
          {t('settings.save')}
        </Button>
      </div>
    </Dialog>
  )
}

/** MiddleOf is the middle of an image file, turned as the file says, as a small square. It throws when the file is no image. */
async function middleOf(file: File): Promise<HTMLCanvasElement> {
  const image = await createImageBitmap(file)
  try {
    const canvas = document.createElement('canvas')
    canvas.width = canvas.height = side
    const context = canvas.getContext('2d')
    if (!context) throw new Error('no canvas')
    const from = Math.min(image.width, image.height)
    const [left, top] = [(image.width - from) / 2, (image.height - from) / 2]
    context.imageSmoothingQuality = 'high'
    context.drawImage(image, left, top, from, from, 0, 0, side, side)
    return canvas
  } finally {
    image.close()
  }
}

/** Encoded is a picture as a file in base64: a PNG where one can look through it. */
function encoded(canvas: HTMLCanvasElement): string {
  const pixels = canvas.getContext('2d')?.getImageData(0, 0, side, side).data ?? []
  let clear = false
  for (let at = 3; at < pixels.length && !clear; at += 4) clear = pixels[at] !== 255
  const url = clear ? canvas.toDataURL('image/png') : canvas.toDataURL('image/jpeg', 0.92)
  return url.slice(url.indexOf(',') + 1)
}
