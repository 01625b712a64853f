// Shows the AsyncAPI document of this server.

import { chapters, fields, idOf, load, make, prose, typeName } from './page.js'

const find = (api, reference) => {
  const [, , , name] = reference.$ref.split('/').slice(1)
  return api.components.messages[name]
}

const json = (value) => make('pre', {}, make('code', {}, JSON.stringify(value, null, 2)))

/** examples shows the first one, and the others on demand. */
function examples({ examples: all = [] }) {
  if (all.length === 0) return null
  if (all.length === 1) return [make('h4', {}, 'Example'), json(all[0].payload)]
  return [make('h4', {}, 'Examples'), all.map(({ name, payload }) =>
    make('details', {}, make('summary', {}, name), json(payload)))]
}

function payload(api, title, message, about) {
  return [make('h4', {}, title), make('p', { class: 'note' }, typeName(api, message.payload)), about, fields(api, message.payload)]
}

/** reply is the answer of a client's event, and its refusals. */
function reply(api, operation) {
  if (!operation.reply) return null
  const [done, refused] = operation.reply.messages.map((reference) => find(api, reference))
  return [
    payload(api, 'Answer', done, prose(done.description)), examples(done),
    make('h4', {}, 'Refusals'),
    make('details', {}, make('summary', {}, operation['x-refusals'].map(({ code }) => code).join(', ')),
      make('dl', {}, operation['x-refusals'].flatMap(({ code, final, meaning }) => [
        make('dt', {}, make('code', {}, code), final ? ' final' : ' ask again'), make('dd', {}, meaning),
      ])), examples(refused)),
  ]
}

function event(api, id, operation) {
  const message = find(api, operation.messages[0])
  const toServer = operation.action === 'receive'
  return make('article', { id, 'data-text': `${message.name} ${operation.description}`.toLowerCase() },
    make('h3', {}, message.name),
    make('p', { class: 'call' }, make('span', { class: 'method' }, toServer ? 'CLIENT → SERVER' : 'SERVER → CLIENT')),
    prose(operation.description),
    payload(api, 'Payload', message), examples(message),
    reply(api, operation))
}

/** about is the introduction, with links to its chapters. */
function about(api) {
  const blocks = prose(api.info.description)
  const headings = api.info.description.split('\n').filter((line) => line.startsWith('## ')).map((line) => line.slice(3))
  document.getElementById('about').replaceWith(...blocks)
  document.getElementById('contents').append(make('h4', {}, 'How it works'),
    make('ul', {}, headings.map((heading) => make('li', {}, make('a', { href: `#${idOf(heading)}` }, heading)))))
}

load('/api/v1/asyncapi.json', (api) => {
  about(api)
  const of = (action) => Object.entries(api.operations)
    .filter(([, operation]) => operation.action === action)
    .map(([id, operation]) => event(api, id, operation))
  chapters([['What a client sends', of('receive')], ['What the server sends', of('send')]])
})
