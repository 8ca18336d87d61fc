// Patches the globals of this worker as the package is loaded, so that all that is loaded later meets one Date and one
// set of timers. Imported by the entry points with which somebody simulates, and by nothing else. Exports nothing.
import { install } from './globals.ts'

install()
