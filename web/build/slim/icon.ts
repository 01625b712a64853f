import { createElement, type SVGProps } from 'react'

/** What the files of lucide-react's icons say of them. */
interface IconData {
  name: string
  node: readonly [tag: string, attributes: Record<string, string>][]
}

interface Props extends SVGProps<SVGSVGElement> {
  size?: number | string
}

/** CreateLucideIcon makes the component of an icon, as lucide-react's own does for the options that are used here. */
export default function createLucideIcon({ name, node }: IconData) {
  // biome-ignore lint/correctness/noComponentHookFactories: called once for each icon, where modules begin.
  return function Icon({ size = 24, className = '', ...rest }: Props) {
    return createElement(
      'svg',
      {
        // Beside a text, or inside what has a name.
        'aria-hidden': true,
        xmlns: 'http://www.w3.org/2000/svg',
        width: size,
        height: size,
        viewBox: '0 0 24 24',
        fill: 'none',
        stroke: 'currentColor',
        strokeWidth: 2,
        strokeLinecap: 'round',
        strokeLinejoin: 'round',
        className: `lucide lucide-${name} ${className}`.trim(),
        ...rest,
      },
      ...node.map(([tag, attributes]) => createElement(tag, attributes)),
    )
  }
}
