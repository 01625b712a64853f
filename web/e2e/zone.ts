/** A zone in which it is now between this hour and the next one, on a day without a change of the clocks. */
export function zoneAt(hour: number): string {
  const ahead = hour - new Date().getUTCHours()
  const hours = ahead > 14 ? ahead - 24 : ahead
  // Their signs are the wrong way around.
  return `Etc/GMT${hours > 0 ? '-' : '+'}${Math.abs(hours)}`
}
