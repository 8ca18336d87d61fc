// Whether a debugger is in use. Then no limits of real time apply, since somebody may stop at any step.

export function isDebugged(): boolean {
  const { TWO_GENERALS_ONLY: only = '' } = process.env
  return only !== '' || process.getBuiltinModule('node:inspector')?.url() !== undefined
}
