import root from '../vitest.config.ts'
export default { ...root, test: { ...root.test, include: ['.readme/*.test.ts'] } }
