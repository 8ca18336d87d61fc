// Express 4, which is installed beside 5 under another name and has no types of its own.
import { createRequire } from 'node:module'
import type express from 'express'

/** As far as the tests use it, the two are called alike. */
export const express4: typeof express = createRequire(import.meta.url)('express4') as typeof express
