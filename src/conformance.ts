// The entry point 'two-generals/conformance': suites for authors of other stores and transports. Nothing in the core
// imports it; it needs vitest.
export { storeConformance, type StoreSubject } from './conformance/store-conformance.ts'
export { remoteStoreConformance } from './conformance/remote-store-conformance.ts'
export type { RemoteClient, RemoteContent, RemoteStoreSubject } from './conformance/remote-play.ts'
export { fakeWorld, type FakeWorld, type SeenCall } from './conformance/fake-world.ts'
export { transportConformance } from './conformance/transport-conformance.ts'
export { rehearse, type BareSystem } from './conformance/rehearse.ts'
export type { Scene, SceneHandler, SceneOrigins, SceneStage } from './conformance/scene.ts'
