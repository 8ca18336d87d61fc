// The platform's own classes, where others have put a proxy in their place: msw does so with Request, Response and
// Headers from `listen` to `close`, and what extended its proxy would go on through it for ever.

/** The class that a global stands for. */
export function platformClass<C extends { readonly prototype: object }>(global: C): C {
  const { constructor } = global.prototype as { readonly constructor: unknown }
  return typeof constructor === 'function' ? (constructor as unknown as C) : global // a class is its prototype's
}
