// Shows the OpenAPI document of this server.

import { chapters, fields, load, make, prose, typeName } from './page.js'

const methods = ['get', 'post', 'put', 'patch', 'delete']

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
  ]
}

function call(api, path, method, operation) {
  return make('article', { id: operation.operationId, 'data-text': `${method} ${path} ${operation.summary}`.toLowerCase() },
    make('h3', {}, operation.summary),
    make('p', { class: 'call' }, make('span', { class: 'method' }, method.toUpperCase()), ' ', make('code', {}, path)),
    prose(operation.description),
    operation.security ? null : make('p', { class: 'note' }, 'Needs no access token.'),
    parameters(api, operation),
    body(api, 'Body', operation.requestBody?.content),
    answers(api, operation))
}

load('/api/v1/openapi.json', (api) => {
  document.getElementById('about').replaceWith(...prose(api.info.description))
  const byTag = new Map()
  for (const [path, item] of Object.entries(api.paths)) {
    for (const method of methods.filter((name) => item[name])) {
      const chapter = item[method].tags?.[0] ?? ''
      if (!byTag.has(chapter)) byTag.set(chapter, [])
      byTag.get(chapter).push(call(api, path, method, item[method]))
    }
  }
  chapters(byTag)
})
