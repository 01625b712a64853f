/** What decides how a text is laid out in a field. */
const shaping = [
  'boxSizing',
  'direction',
  'fontFamily',
  'fontFeatureSettings',
  'fontSize',
  'fontStyle',
  'fontWeight',
  'letterSpacing',
  'lineHeight',
  'overflowWrap',
  'paddingBlock',
  'paddingInline',
  'tabSize',
  'textAlign',
  'unicodeBidi',
  'width',
  'wordSpacing',
] as const

/**
 * CaretX is how many pixels from the window's left a place in a field's text
 * is. Fields do not tell: the text is laid out once more, out of sight.
 */
export function caretX(field: HTMLTextAreaElement, place: number): number {
  const twin = document.createElement('div')
  const style = getComputedStyle(field)
  for (const name of shaping) twin.style[name] = style[name]
  Object.assign(twin.style, {
    position: 'fixed',
    visibility: 'hidden',
    whiteSpace: 'pre-wrap',
    left: `${field.getBoundingClientRect().left + field.clientLeft}px`,
    top: '0',
  })
  const mark = document.createElement('span')
  // Of no width, and in the order of what it stands behind.
  mark.textContent = '\u200b'
  twin.append(field.value.slice(0, place), mark, field.value.slice(place))
  field.after(twin)
  const { left } = mark.getBoundingClientRect()
  twin.remove()
  return left
}
