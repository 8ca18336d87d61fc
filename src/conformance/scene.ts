// What the transport suite is made of: a client, the servers that it calls, and one case of the two.

/** A server of a scene. */
export type SceneHandler = (request: Request) => Response | Promise<Response>

/** Where the two servers answer. They differ in origin. */
export interface SceneOrigins {
  readonly shop: string
  readonly bank: string
}

/** A client, and the servers it calls. */
export interface Scene {
  readonly shop: SceneHandler
  readonly bank: SceneHandler
  readonly client: (at: SceneOrigins) => unknown
}

/** Carries out a scene and gives what its client returned. */
export type SceneStage = (scene: Scene) => Promise<unknown>

/** A title, a client, and the shop where it is not an echo. */
export type ExchangeCase = readonly [title: string, client: (at: SceneOrigins) => unknown, shop?: SceneHandler]
