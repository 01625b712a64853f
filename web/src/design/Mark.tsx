/** Mark is Parley's sign, so many pixels high: a speech bubble whose tail is the stem of a P. */
export function Mark({ size }: { size: number }) {
  return (
    <svg width={size * 0.85} height={size} viewBox="6 4 20.4 24" aria-hidden focusable="false">
      <path
        d="M6 28V14.2C6 8.5 10.5 4 16.2 4S26.4 8.5 26.4 14.2 21.9 24.4 16.2 24.4H12.6C11.8 24.4 11.1 24.7 10.5 25.2Z"
        fill="var(--accent)"
      />
      <circle cx="12.3" cy="14.2" r="1.7" fill="var(--on-accent)" />
      <circle cx="17.9" cy="14.2" r="1.7" fill="var(--on-accent)" />
    </svg>
  )
}
