// The entry point 'two-generals/queues': queues as brokers keep them, and those who consume them. Nothing in the core
// imports it.
export { sqsQueue, type SqsQueue, type SqsQueueOptions } from './queue/sqs/sqs-queue.ts'
export { sqs, type SqsEndpoint } from './queue/sqs/sqs.ts'
export { enqueue, type EnqueueOptions } from './queue/enqueue.ts'
export { sqsLambda, type SqsLambdaOptions } from './queue/sqs/sqs-lambda.ts'
export { worker, type WorkerOptions } from './queue/worker.ts'
