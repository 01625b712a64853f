import { LogOut, Sun } from 'lucide-react'
import * as logOut from 'lucide-react/dist/esm/icons/log-out.mjs'
import * as sun from 'lucide-react/dist/esm/icons/sun.mjs'
import { createElement, type FunctionComponent, type SVGProps } from 'react'
import { renderToStaticMarkup } from 'react-dom/server'
import { expect, test } from 'vitest'
import createLucideIcon from './slim/icon.ts'

/** What the file of an icon exports, and its types do not tell. */
function dataOf(file: object): Parameters<typeof createLucideIcon>[0] {
  return (file as { __iconData: Parameters<typeof createLucideIcon>[0] }).__iconData
}

type Options = SVGProps<SVGSVGElement> & { size?: number }

/** Drawn is the elements of an icon, the attributes of each in order. */
function drawn(icon: unknown, options: Options): string[][] {
  const markup = renderToStaticMarkup(createElement(icon as FunctionComponent<Options>, options))
  return markup.split('>').map((element) => (element.match(/[\w-]+="[^"]*"|<\/?\w+/g) ?? []).sort())
}

test.each<[string, Options]>([
  ['as it is', {}],
  ['of another size', { size: 16, 'aria-hidden': true }],
  ['with a look of its own', { className: 'sign', strokeWidth: 2.4, 'aria-hidden': true }],
])('the icons of the build look like those of the package: %s', (_, options) => {
  expect(drawn(createLucideIcon(dataOf(sun)), options)).toEqual(drawn(Sun, options))
  expect(drawn(createLucideIcon(dataOf(logOut)), options)).toEqual(drawn(LogOut, options))
})
