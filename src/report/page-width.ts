// How wide reports are printed: as wide as the terminal, within bounds. What is saved or compared is never printed this
// way. Knows the environment; must not know any report.

/** Columns of a report where nobody says otherwise. */
const usual = 100

/** Narrower stories leave out too much; the arrows of wider ones are hard to follow. */
const bounds = { least: 80, most: 160 } as const

/**
 * The columns of the page: the environment variable `COLUMNS`, else those of the terminal, but at least 80 and at most
 * 160; 100 where neither is known.
 */
export function pageWidth(
  { COLUMNS }: Readonly<Record<string, string | undefined>> = process.env,
  { isTTY, columns }: { readonly isTTY?: boolean; readonly columns?: number } = process.stdout,
): number {
  const asked = /^\d+$/.test(COLUMNS ?? '') ? Number(COLUMNS) : isTTY === true ? columns : undefined
  return asked === undefined || asked === 0 ? usual : Math.min(bounds.most, Math.max(bounds.least, asked))
}
