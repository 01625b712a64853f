import { basename } from 'node:path'
import type { Plugin } from 'vite'

/**
 * Sheets has the name of each class stand where it is used. As the files are
 * written, a component asks an object for it that holds all names of its sheet:
 * every name would be in the build twice, and those that nobody uses, too.
 */
export function sheets(): Plugin[] {
  const paths = new Map<string, string>()
  return [
    {
      name: 'parley:sheets',
      apply: 'build',
      enforce: 'pre',
      transform: {
        filter: { id: /\/src\/.*\.tsx?$/ },
        handler: (code) => ({
          code: code.replace(/^import styles from ('.*\.module\.css')$/gm, 'import * as styles from $1'),
          map: null,
        }),
      },
    },
    {
      name: 'parley:sheets:kept',
      apply: 'build',
      enforce: 'post',
      transform: {
        filter: { id: /\.module\.css$/ },
        // Of a sheet whose names all stand elsewhere nothing would be left, and no rule.
        handler(code, id) {
          const sheet = nameOf(id)
          if ((paths.get(sheet) ?? id) !== id) this.error(`two sheets are named ${sheet}`)
          paths.set(sheet, id)
          return {
            code: code.replace(/^export default \{[^}]*\}/m, ''),
            map: null,
            moduleSideEffects: 'no-treeshake',
          }
        },
      },
    },
  ]
}

/**
 * ClassName is what a class of a sheet is called in the page: readable, and the
 * same when a line moves. A name made by chance cannot be compressed, and there
 * are hundreds.
 */
export function className(name: string, path: string): string {
  return `${nameOf(path)}-${name}`
}

function nameOf(path: string): string {
  return basename(path.split('?')[0] ?? '', '.module.css')
}
