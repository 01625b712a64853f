// Starts a browser that asks nobody outside for anything.
import { createRequire } from "node:module"
import { join } from "node:path"

export function launch(modules, executablePath) {
  const { chromium } = createRequire(join(modules, "x.js"))("playwright")
  return chromium.launch({
    executablePath,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  })
}
