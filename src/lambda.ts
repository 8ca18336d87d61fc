// The entry point 'two-generals/lambda': handlers of AWS Lambda behind HTTP. Nothing in the core imports it.
export { lambda, type LambdaHandler, type LambdaOptions } from './transport/lambda/lambda-node.ts'
