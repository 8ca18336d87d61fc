// The entry point 'two-generals/queues': queues as brokers keep them, and those who consume them. Nothing in the core
// imports it.
export { sqsQueue, type SqsQueue, type SqsQueueOptions } from './queue/sqs/sqs-queue.ts'
export { sqs, type SqsEndpoint } from './queue/sqs/sqs.ts'
export { deliveries, type DeliveryParts } from './queue/deliveries.ts'
export { enqueue, type EnqueueOptions } from './queue/enqueue.ts'
export { sqsLambda, type SqsLambdaOptions } from './queue/sqs/sqs-lambda.ts'
export {
  kafkaCluster,
  type KafkaCluster,
  type KafkaConsumerOptions,
  type KafkaProducerOptions,
} from './queue/kafka/kafka-cluster.ts'
export type {
  KafkaConsumer,
  KafkaEachBatch,
  KafkaEachMessage,
  KafkaMessage,
  KafkaRun,
  KafkaSubscription,
} from './queue/kafka/consumer-shape.ts'
export type { KafkaProducer, KafkaRecord, KafkaRecordMetadata, KafkaSentMessage } from './queue/kafka/kafka-producer.ts'
export { cron, type CronJob, type CronOptions } from './queue/cron/cron.ts'
export { worker, type WorkerOptions } from './queue/worker.ts'
export {
  cloudflareQueue,
  type CloudflareQueue,
  type CloudflareQueueOptions,
  type CloudflareSendOptions,
} from './queue/cloudflare/cloudflare-queue.ts'
export {
  cloudflareWorker,
  type CloudflareModule,
  type CloudflareWorkerOptions,
} from './queue/cloudflare/cloudflare-worker.ts'
export { runsOncePerSlot, type Slots } from './check/runs-once-per-slot.ts'
