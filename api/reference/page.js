// What the pages of the REST calls and of the socket events have in common.
// They show a document of this server, make nodes, never HTML from strings, and
// ask nobody but this server.

/** make is an element with attributes and children, which are nodes or texts. */
export function make(name, attributes = {}, ...children) {
  const element = document.createElement(name)
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value)
  element.append(...children.flat(9).filter((child) => child !== null && child !== undefined))
  return element
}

/** prose is plain CommonMark: paragraphs, lists, `code`, and headings of the second level. */
export function prose(text, attributes = {}) {
  return (text ?? '').split('\n\n').filter(Boolean).map((block) => {
    if (block.startsWith('## ')) return make('h3', { id: idOf(block.slice(3)) }, block.slice(3))
    if (block.startsWith('- ')) return make('ul', attributes, block.slice(2).split('\n- ').map((item) => make('li', {}, inline(item))))
    return make('p', attributes, inline(block))
  })
}

function inline(text) {
  return text.split('`').map((part, i) => (i % 2 ? make('code', {}, part) : part))
}

/** idOf is the id that a heading has in addresses. */
export function idOf(heading) {
  return heading.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')
}

function resolve(api, schema) {
  const inner = schema?.allOf?.[0]
  if (inner) return { ...resolve(api, inner), ...schema }
  const name = schema?.$ref?.split('/').pop()
  return name ? { name, ...api.components.schemas[name] } : (schema ?? {})
}

export function typeName(api, schema) {
  const resolved = resolve(api, schema)
  const types = [resolved.type ?? 'any'].flat()
  return types.map((type) => {
    if (type === 'array') return `array of ${typeName(api, resolved.items)}`
    return type === 'object' && resolved.name ? resolved.name : type
  }).join(' or ')
}

const counted = (number) => number.toLocaleString('en')

/** limits says what a value may be, in words. */
function limits({ const: only, minimum, maximum, minLength, maxLength, pattern }) {
  const range = (least, most, unit) => {
    if (least === undefined && most === undefined) return []
    if (most === undefined) return least === 0 ? [] : [`${counted(least)} or more${unit}`]
    return [`${counted(least ?? 0)} to ${counted(most)}${unit}`]
  }
  const all = [
    ...(only === undefined ? [] : [`always ${only}`]),
    ...range(minimum, maximum, ''),
    ...range(minLength, maxLength, ' characters'),
    ...(pattern === undefined ? [] : [`matches ${pattern}`]),
  ]
  return all.length === 0 ? '' : `, ${all.join(', ')}`
}

/** fields lists an object's properties; what is inside opens on demand. */
export function fields(api, schema, seen = []) {
  const object = resolve(api, schema)
  if ([object.type].flat().includes('array')) return fields(api, object.items, seen)
  if (!object.properties || seen.includes(object.name)) return null
  const required = object.required ?? []
  return make('dl', {}, Object.entries(object.properties).flatMap(([name, property]) => {
    const inner = fields(api, property, [...seen, object.name])
    return [
      make('dt', {}, make('code', {}, name), ` ${typeName(api, property)}${required.includes(name) ? '' : ', optional'}${limits(property)}`),
      make('dd', {}, prose(property.$ref ? resolve(api, property).description : property.description),
        inner && make('details', {}, make('summary', {}, 'its fields'), inner)),
    ]
  }))
}

/** chapters puts the articles below their headings, and links to them. */
export function chapters(list) {
  const main = document.getElementById('calls')
  const contents = document.getElementById('contents')
  for (const [chapter, articles] of list) {
    main.append(make('section', {}, make('h2', {}, chapter), articles))
    contents.append(make('h4', {}, chapter), make('ul', {}, articles.map((article) =>
      make('li', {}, make('a', { href: `#${article.id}` }, article.querySelector('h3').textContent)))))
  }
  // The place in the address exists only now.
  if (location.hash) document.getElementById(decodeURIComponent(location.hash.slice(1)))?.scrollIntoView()
}

/** find hides all but the articles with all of these words. */
function find(text) {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean)
  for (const article of document.querySelectorAll('article')) {
    const found = words.every((word) => article.dataset.text.includes(word))
    article.hidden = !found
    document.querySelector(`nav a[href="#${article.id}"]`).parentElement.hidden = !found
  }
  for (const section of document.querySelectorAll('section')) {
    section.hidden = !section.querySelector('article:not([hidden])')
  }
}

/** load reads the document at the path and shows it. */
export async function load(path, show) {
  document.getElementById('find').addEventListener('input', (event) => find(event.target.value))
  try {
    const answer = await fetch(path)
    if (!answer.ok) throw new Error(`the server answered ${answer.status}`)
    show(await answer.json())
  } catch (error) {
    document.getElementById('about').textContent = `The document could not be read: ${error.message}. Load the page again.`
  }
}
