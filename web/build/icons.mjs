// Makes public/icons from the mark: `node build/icons.mjs`, with the browser of the tests.
import { mkdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { chromium } from '@playwright/test'

const folder = fileURLToPath(new URL('../public/icons/', import.meta.url))
const mark = readFileSync(new URL('../public/favicon.svg', import.meta.url), 'utf8')
const teal = '#0b6b5f'
/** White on the colour, for systems that cut icons to a shape of their own. */
const inverse = mark.replaceAll('#fff', 'hole').replaceAll(teal, '#fff').replaceAll('hole', teal)

/** Of each icon: its size, its drawing, what is behind that, and how much of the width it takes. */
const icons = {
  180: { size: 180, drawing: inverse, behind: teal, share: 0.66 },
  192: { size: 192, drawing: mark, behind: 'transparent', share: 1 },
  512: { size: 512, drawing: mark, behind: 'transparent', share: 1 },
  maskable: { size: 512, drawing: inverse, behind: teal, share: 0.56 },
}

mkdirSync(folder, { recursive: true })
const browser = await chromium.launch({
  executablePath: process.env.PARLEY_CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox'],
})
for (const [name, { size, drawing, behind, share }] of Object.entries(icons)) {
  const page = await browser.newPage({ viewport: { width: size, height: size } })
  const width = Math.round(size * share)
  await page.setContent(
    `<style>body { margin: 0; height: 100vh; display: grid; place-items: center; background: ${behind} }
    svg { width: ${width}px; height: ${width}px }</style>${drawing}`,
  )
  await page.screenshot({ path: `${folder}${name}.png`, omitBackground: true })
  await page.close()
}
await browser.close()
