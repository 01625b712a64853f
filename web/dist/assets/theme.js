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

// While a proxy has servers of two versions behind it, the page may come from
// one and be refused its scripts by the other: it is tried again, three times.
addEventListener(
  'error',
  ({ target }) => {
    if (!(target instanceof HTMLScriptElement) || document.getElementById('root')?.hasChildNodes()) return
    const tried = Number(sessionStorage.getItem('parley.tried'))
    if (tried >= 3) return
    sessionStorage.setItem('parley.tried', String(tried + 1))
    setTimeout(() => location.reload(), 1_000 * (tried + 1))
  },
  true,
)
