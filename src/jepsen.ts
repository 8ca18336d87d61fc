// The entry point 'two-generals/jepsen': histories that something else recorded, read and shown. The command line uses
// the same. Nothing in the core imports it.
export { readHistory, type HistoryFormat, type ReadOptions } from './read/read-history.ts'
export { recordedStory, type RecordedStoryOptions } from './cli/recorded-story.ts'
