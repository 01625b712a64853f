import type { Locator, Page } from '@playwright/test'
import { choose, createRoom, expect, openRoom, rooms, settled, signIn, signUp, test, title } from './parley'

const starred = (page: Page) => rooms(page).getByRole('region', { name: 'Starred', exact: true })
const link = (page: Page, name: string) => starred(page).getByRole('link', { name })

/** Drag takes hold of a room and brings it over another one, without letting go. */
async function drag(page: Page, room: Locator, over: Locator): Promise<void> {
  // They may still be on their way to their places.
  await settled(page)
  const [from, to] = [await room.boundingBox(), await over.boundingBox()]
  if (!from || !to) throw new Error('there is nothing to drag')
  await page.mouse.move(from.x + 40, from.y + from.height / 2)
  await page.mouse.down()
  await page.mouse.move(to.x + 45, to.y + to.height / 2 + Math.sign(to.y - from.y) * 4, { steps: 5 })
}

test('U-13 starred rooms are put in order by dragging, by keys and by menus, on every device', async ({
  device,
}) => {
  test.slow()
  const desk = await device()
  await signUp(desk, 'ann')
  const phone = await device({ viewport: { width: 360, height: 640 }, hasTouch: true, isMobile: true })
  await phone.goto('/')
  await signIn(phone, 'ann')
  for (const name of ['attic', 'barn', 'cellar', 'dock']) {
    await createRoom(desk, name)
    await choose(desk, 'More about this room', 'Star')
    await expect(link(desk, name)).toBeVisible()
  }
  const order = async (...names: string[]) => {
    for (const page of [desk, phone]) await expect(starred(page).getByRole('link')).toHaveText(names)
  }
  await order('attic', 'barn', 'cellar', 'dock')
  // What moves them is fetched when the page has time.
  const said = starred(desk).getByRole('status')
  await expect(said).toHaveCount(1)

  // Dragged to the front, and not opened by it. One that is let go with Esc stays.
  await drag(desk, link(desk, 'cellar'), link(desk, 'attic'))
  await desk.mouse.up()
  await order('cellar', 'attic', 'barn', 'dock')
  await expect(title(desk)).toHaveText(/dock/)
  await expect(said).toHaveText('cellar stands at place 1 of 4')
  await drag(desk, link(desk, 'attic'), link(desk, 'dock'))
  await desk.keyboard.press('Escape')
  await desk.mouse.up()
  await order('cellar', 'attic', 'barn', 'dock')
  await drag(desk, link(desk, 'attic'), link(desk, 'dock'))
  await desk.mouse.up()
  await order('cellar', 'barn', 'dock', 'attic')
  await openRoom(desk, 'barn')

  // By keyboard alone: its keys, and its menu, which keep the focus on the room.
  await link(desk, 'attic').focus()
  await desk.keyboard.press('Control+Shift+ArrowUp')
  await order('cellar', 'barn', 'attic', 'dock')
  await expect(link(desk, 'attic')).toBeFocused()
  await desk.keyboard.press('Shift+F10')
  const up = desk.getByRole('menuitem', { name: 'Move up' })
  await expect(desk.getByRole('menuitem', { name: 'Move down' })).toBeVisible()
  await up.press('Enter')
  await order('cellar', 'attic', 'barn', 'dock')
  await expect(link(desk, 'attic')).toBeFocused()
  await expect(said).toHaveText('attic stands at place 2 of 4')
  await desk.keyboard.press('Control+Shift+ArrowUp')
  await order('attic', 'cellar', 'barn', 'dock')
  await desk.keyboard.press('Shift+F10')
  await expect(desk.getByRole('menuitem', { name: 'Move down' })).toBeVisible()
  await expect(up).toHaveCount(0)
  await desk.keyboard.press('Escape')

  // On a phone from the room's own menu. A new star comes last, one taken away leaves the others as they are.
  await link(phone, 'dock').tap()
  await phone.getByRole('button', { name: 'More about this room' }).tap()
  await phone.getByRole('button', { name: 'Move up' }).tap()
  await phone.getByRole('button', { name: 'Back' }).tap()
  await order('attic', 'cellar', 'dock', 'barn')
  await choose(desk, 'More about this room', 'Take the star away')
  await order('attic', 'cellar', 'dock')
  await choose(desk, 'More about this room', 'Star')
  await desk.reload()
  await order('attic', 'cellar', 'dock', 'barn')
})
