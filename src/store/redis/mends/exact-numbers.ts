// Mends js-redis-server 0.3.0: numbers that a script passes to redis.call reach the command as "%.14g", so that a time
// in milliseconds loses its last digits, and a job of BullMQ ran a millisecond too early. Redis writes whole numbers
// whole, and all others with 17 digits. Besides, math.random begins anew in each script, as in Redis.
import { createHash } from 'node:crypto'

/** Takes the place of `redis` before a script's first line, so that lines keep their numbers. */
const prologue = Buffer.from(
  'math.randomseed(0); local redis=(function(R) local c,p,f,t,S=R.call,R.pcall,string.format,type,select; ' +
    "local function x(...) local n,a=S('#',...),{...}; for i=1,n do local v=a[i]; if t(v)=='number' then " +
    "a[i]=(v%1==0 and v>-2^63 and v<2^63) and f('%.0f',v) or f('%.17g',v) end end return unpack(a,1,n) end; " +
    'return setmetatable({call=function(...) return c(x(...)) end,pcall=function(...) return p(x(...)) end},' +
    '{__index=R}) end)(redis); ',
)

interface ScriptEngine {
  evalWithArgs(script: Buffer | string, keys: unknown, args: unknown): unknown
}

/** Changes the engine of scripts in place. */
export function exactNumbers(runtime: object): void {
  const engine = Reflect.get(runtime, 'engine') as ScriptEngine // js-redis-server keeps it there
  const native = engine.evalWithArgs.bind(engine)
  engine.evalWithArgs = (script, keys, args) => {
    const own = Buffer.from(script)
    const reply = native(Buffer.concat([prologue, own]), keys, args)
    const meta: unknown = typeof reply === 'object' && reply !== null && 'meta' in reply ? reply.meta : undefined
    // An error names the script by its hash, which is that of what the user wrote
    if (typeof meta === 'object' && meta !== null && 'sha' in meta)
      Object.assign(meta, { sha: createHash('sha1').update(own).digest('hex') })
    return reply
  }
}
