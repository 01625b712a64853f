// Judges an AsyncAPI document by the AsyncAPI project's own JSON schema, and
// every example in it by the document's schemas.
//
//	node asyncapi.mjs MODULES DOCUMENT
import { createRequire } from 'node:module'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

const [modules, file] = process.argv.slice(2)
const require = createRequire(join(modules, 'judge.cjs'))
const { default: Ajv } = require('ajv')
const { default: addFormats } = require('ajv-formats')
const specs = require('@asyncapi/specs')

const faults = []
const ajv = new Ajv({ strict: false, allErrors: true })
addFormats(ajv)
const document = JSON.parse(readFileSync(file, 'utf8'))

// The specification's schema brings the draft that ajv knows already.
const schema = structuredClone(specs.schemas[document.asyncapi])
delete schema.definitions['http://json-schema.org/draft-07/schema']
const isDocument = ajv.compile(schema)
if (!isDocument(document)) faults.push(...isDocument.errors.map((e) => `${e.instancePath} ${e.message}`))

ajv.addSchema({ $id: 'doc:', components: document.components })
let examples = 0
for (const [name, { payload, examples: list }] of Object.entries(document.components.messages)) {
  const rooted = JSON.parse(JSON.stringify(payload).replaceAll('"#/', '"doc:#/'))
  const fits = ajv.compile(rooted)
  for (const example of list) {
    examples++
    if (!fits(example.payload)) faults.push(`example ${example.name} of ${name}: ${ajv.errorsText(fits.errors)}`)
  }
}
for (const fault of faults) console.log(fault)
console.log(`${examples} examples`)
process.exitCode = faults.length === 0 ? 0 : 1
