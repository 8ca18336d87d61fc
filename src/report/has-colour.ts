// Whether reports have colours: as the environment says, else where a person looks.

export function hasColour(): boolean {
  const { NO_COLOR, FORCE_COLOR } = process.env
  if (NO_COLOR !== undefined && NO_COLOR !== '') return false
  return (FORCE_COLOR !== undefined && FORCE_COLOR !== '0') || process.stdout.isTTY
}
