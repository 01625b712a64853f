// Runs before the first paint, so that a chosen theme never flashes the other
// one. A file of its own, because the policy allows no inline script.
try {
  const theme = localStorage.getItem('parley.theme')
  if (localStorage.getItem('parley.density') === 'compact')
    document.documentElement.dataset.density = 'compact'
  const sidebar = Number.parseInt(localStorage.getItem('parley.sidebar') ?? '', 10)
  if (sidebar >= 200 && sidebar <= 400)
    document.documentElement.style.setProperty('--sidebar', `${sidebar}px`)
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme
} catch {
  // Storage can be forbidden; the system's theme is right then.
}
