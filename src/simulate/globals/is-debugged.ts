// Whether somebody looks at single steps, who takes as long as they like: then real time limits nothing.

export function isDebugged(): boolean {
  const { TWO_GENERALS_ONLY: only = '' } = process.env
  return only !== '' || process.getBuiltinModule('node:inspector')?.url() !== undefined
}
