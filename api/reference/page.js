// Shows the OpenAPI document of this server. It makes nodes, never HTML from
// strings, and asks nobody but this server.

const methods = ['get', 'post', 'put', 'patch', 'delete']

/** make is an element with attributes and children, which are nodes or texts. */
function make(name, attributes = {}, ...children) {
  const element = document.createElement(name)
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value)
  element.append(...children.flat().filter((child) => child !== null && child !== undefined))
  return element
}

/** prose is text with paragraphs and `code`. */
function prose(text, attributes = {}) {
  return (text ?? '').split('\n\n').filter(Boolean).map((paragraph) =>
    make('p', attributes, paragraph.split('`').map((part, i) => (i % 2 ? make('code', {}, part) : part))))
}

function resolve(api, schema) {
  const name = schema?.$ref?.split('/').pop()
  return name ? { name, ...api.components.schemas[name] } : (schema ?? {})
}

function typeName(api, schema) {
  const resolved = resolve(api, schema)
  const types = [resolved.type ?? 'any'].flat()
  return types.map((type) => {
    if (type === 'array') return `array of ${typeName(api, resolved.items)}`
    return type === 'object' && resolved.name ? resolved.name : type
  }).join(' or ')
}

/** fields lists an object's properties; what is inside opens on demand. */
function fields(api, schema, seen = []) {
  const object = resolve(api, schema)
  if ([object.type].flat().includes('array')) return fields(api, object.items, seen)
  if (!object.properties || seen.includes(object.name)) return null
  const required = object.required ?? []
  return make('dl', {}, Object.entries(object.properties).flatMap(([name, property]) => {
    const inner = fields(api, property, [...seen, object.name])
    return [
      make('dt', {}, make('code', {}, name), ` ${typeName(api, property)}${required.includes(name) ? '' : ', optional'}`),
      make('dd', {}, prose(resolve(api, property).description),
        inner && make('details', {}, make('summary', {}, 'its fields'), inner)),
    ]
  }))
}

function parameters(api, operation) {
  const list = operation.parameters ?? []
  if (list.length === 0) return null
  return [make('h4', {}, 'Parameters'), make('dl', {}, list.flatMap((parameter) => [
    make('dt', {}, make('code', {}, parameter.name), ` in the ${parameter.in}, ${typeName(api, parameter.schema)}${parameter.required ? '' : ', optional'}`),
    make('dd', {}, prose(parameter.description)),
  ]))]
}

function body(api, title, content) {
  const schema = content && Object.values(content)[0]?.schema
  if (!schema) return null
  return [make('h4', {}, title), make('p', { class: 'note' }, typeName(api, schema)), fields(api, schema)]
}

function answers(api, operation) {
  const problem = ([status]) => Number(status) >= 400
  const all = Object.entries(operation.responses)
  const refusals = all.filter(problem)
  return [
    all.filter((answer) => !problem(answer)).map(([status, answer]) =>
      body(api, `Answer ${status}`, answer.content) ?? [make('h4', {}, `Answer ${status}`), prose(answer.description, { class: 'note' })]),
    refusals.length === 0 ? null : make('details', {}, make('summary', {}, 'Refusals'), make('dl', {}, refusals.flatMap(([status, answer]) => [
      make('dt', {}, status), make('dd', {}, prose(answer.description)),
    ]))),
  ].flat(3)
}

function call(api, path, method, operation) {
  return make('article', { id: operation.operationId, 'data-text': `${method} ${path} ${operation.summary}`.toLowerCase() },
    make('h3', {}, operation.summary),
    make('p', { class: 'call' }, make('span', { class: 'method' }, method.toUpperCase()), ' ', make('code', {}, path)),
    prose(operation.description),
    operation.security ? null : make('p', { class: 'note' }, 'Needs no access token.'),
    (parameters(api, operation) ?? []).flat(),
    (body(api, 'Body', operation.requestBody?.content) ?? []).flat(),
    answers(api, operation))
}

function show(api) {
  document.getElementById('about').replaceWith(...prose(api.info.description))
  const chapters = new Map()
  for (const [path, item] of Object.entries(api.paths)) {
    for (const method of methods.filter((name) => item[name])) {
      const chapter = item[method].tags?.[0] ?? ''
      if (!chapters.has(chapter)) chapters.set(chapter, [])
      chapters.get(chapter).push({ path, method, operation: item[method] })
    }
  }
  const main = document.getElementById('calls')
  const contents = document.getElementById('contents')
  for (const [chapter, calls] of chapters) {
    main.append(make('section', {}, make('h2', {}, chapter), calls.map((c) => call(api, c.path, c.method, c.operation))))
    contents.append(make('h4', {}, chapter), make('ul', {}, calls.map((c) =>
      make('li', {}, make('a', { href: `#${c.operation.operationId}` }, c.operation.summary)))))
  }
  // The place in the address exists only now.
  if (location.hash) document.getElementById(decodeURIComponent(location.hash.slice(1)))?.scrollIntoView()
}

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

document.getElementById('find').addEventListener('input', (event) => find(event.target.value))

try {
  const answer = await fetch('/api/v1/openapi.json')
  if (!answer.ok) throw new Error(`the server answered ${answer.status}`)
  show(await answer.json())
} catch (error) {
  document.getElementById('about').textContent = `The document could not be read: ${error.message}. Load the page again.`
}
