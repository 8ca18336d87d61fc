// The entry point 'two-generals/preload': nothing but the patched globals, for what is loaded before any test file.
import './simulate/at-load.ts'
