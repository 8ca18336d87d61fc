// Random sequences of commands. A line of the grammar is a command: `@s` a key that mostly holds a text (of three),
// `#val` a word of that list, `(A|B|)` one of these, `+3(A B)` one to three times, `$1` a script.
import { hash32 } from '../../../src/plain/random.ts'

/** Draws whole numbers below a limit. */
export type Draw = (below: number) => number

export function drawOf(seed: number): Draw {
  let draws = 0
  return (below) => hash32(seed, String((draws += 1))) % below
}

const words: Readonly<Record<string, readonly string[]>> = {
  val: ['a', 'b', 'hello', '', '10', '3', '-1', '2.5', 'x y', '9223372036854775807'],
  f: ['f1', 'f2', 'f3'],
  m: ['a', 'b', 'c', 'd'],
  sc: ['1', '2', '2', '3.5', '-1', '0', 'inf', '10'],
  idx: ['0', '1', '-1', '2', '-2', '5', '-100'],
  n: ['1', '2', '5', '-3', '0'],
  ttl: ['100000', '50000', '200000'],
  mn: ['-inf', '(1', '1', '2', '(2'],
  mx: ['+inf', '(3.5', '3', '10'],
  lmn: ['-', '[a', '(a', '[b'],
  lmx: ['+', '[c', '(d'],
  id: ['1-1', '1-2', '2-0', '2-1', '3-0', '5-1', '7-0'],
  g: ['g1', 'g2'],
  c: ['c1', 'c2'],
}

/** Those of redlock, of rate limiters and of BullMQ do as these do. */
const scripts = [
  "if redis.call('get',KEYS[1])==ARGV[1] then return redis.call('del',KEYS[1]) else return 0 end",
  "if redis.call('get',KEYS[1])==ARGV[1] then return redis.call('pexpire',KEYS[1],ARGV[2]) else return 0 end",
  "local c=redis.call('incr',KEYS[1]); if c==1 then redis.call('expire',KEYS[1],ARGV[1]) end; return {c, redis.call('ttl',KEYS[1])}",
  "return {1,2.9,'x',false,true,nil,3}",
  'return cjson.encode({a=ARGV[1],b={1,2}})',
  `return cjson.decode('{"x":[1,2,"q"]}').x`,
  "return redis.error_reply('MY bad')",
  "return redis.status_reply('FINE')",
  "return redis.pcall('hget',KEYS[1],'f1')",
  "return redis.call('lpush',KEYS[1],unpack(ARGV))",
  "local r=redis.call('hgetall',KEYS[1]); return #r",
  "return tostring(redis.call('zscore',KEYS[1],'a'))",
  "return string.format('%d %s', 5, ARGV[1])",
  'local t={}; for i=1,#ARGV do t[i]=ARGV[i]..i end; return t',
  "return redis.call('zrangebyscore',KEYS[1],'-inf','+inf','WITHSCORES')",
  "return cmsgpack.unpack(cmsgpack.pack({1,'a'}))",
  'return redis.sha1hex(ARGV[1])',
  'return x',
  "error('boom')",
  "return redis.call('xadd',KEYS[1],'20-0','a','1')",
  'return tonumber(ARGV[1])',
  "local v=redis.call('get',KEYS[1]); if v==false then return 'none' end; return v",
  "return math.floor(tonumber('3.7'))",
  "return redis.call('set',KEYS[1],ARGV[1],'NX','PX',90000000)",
  "redis.call('set',KEYS[1],1767225600123+0.5); redis.call('incrbyfloat',KEYS[1],0.25); return redis.call('get',KEYS[1])",
]

const grammar: Readonly<Record<string, string>> = {
  strings: `
    SET @s #val (NX|XX||||) (GET||||) (EX #ttl|PX 90000000|KEEPTTL|||||)
    GET @s
    GETDEL @s
    GETEX @s (EX #ttl|PERSIST|PX 80000000|||)
    GETSET @s #val
    SETNX @s #val
    SETEX @s #ttl #val
    PSETEX @s 90000000 #val
    MSET +3(@s #val)
    MGET +3(@s)
    MSETNX +2(@s #val)
    APPEND @s #val
    STRLEN @s
    GETRANGE @s #idx #idx
    SETRANGE @s (0|2|5) #val
    INCR @s
    DECR @s
    INCRBY @s #n
    DECRBY @s #n
    INCRBYFLOAT @s (1.5|-0.1|3|x|1e3)
    SETBIT @s (0|7|9) (0|1)
    GETBIT @s (0|7|9)
    BITCOUNT @s`,
  keys: `
    DEL +2(@any)
    UNLINK @any
    EXISTS +3(@any)
    TYPE @any
    EXPIRE @any (#ttl|#ttl|0|-1|abc) (NX|XX|GT|LT||||||||)
    PEXPIRE @any 90000000 (NX|XX|GT|LT||||||||)
    EXPIREAT @any (4000000000|1)
    PEXPIREAT @any 4000000000000
    EXPIRETIME @any
    TTL @any
    PTTL @any
    PERSIST @any
    RENAME @s @s
    RENAMENX @l @l
    COPY @any @any (REPLACE||)
    KEYS (*|s*|?1|[hl]*)
    SCAN 0 COUNT 1000 (MATCH s*|MATCH *1||) (TYPE string|TYPE hash|TYPE zset||||)
    DBSIZE
    TOUCH @s @h
    SORT @l ALPHA (DESC||)`,
  hashes: `
    HSET @h +3(#f #val)
    HSETNX @h #f #val
    HGET @h #f
    HMGET @h +3(#f)
    HGETALL @h
    HDEL @h +2(#f)
    HEXISTS @h #f
    HLEN @h
    HKEYS @h
    HVALS @h
    HINCRBY @h #f #n
    HINCRBYFLOAT @h #f (1.5|-0.25|x)
    HSTRLEN @h #f
    HSCAN @h 0
    HMSET @h #f #val`,
  lists: `
    LPUSH @l +3(#val)
    RPUSH @l +3(#val)
    LPOP @l (0|1|2|-1||||||||)
    RPOP @l (1|3||||)
    LLEN @l
    LRANGE @l #idx #idx
    LINDEX @l #idx
    LSET @l #idx #val
    LINSERT @l (BEFORE|AFTER) #val #val
    LREM @l (0|1|-1) #val
    LTRIM @l #idx #idx
    LMOVE @l @l (LEFT|RIGHT) (LEFT|RIGHT)
    RPOPLPUSH @l @l
    LPUSHX @l #val
    RPUSHX @l #val
    LPOS @l #val (COUNT 0|||) (RANK 1|RANK -1|RANK 2|||||||||)
    LMPOP 2 @l @l LEFT (COUNT 2||)`,
  sets: `
    SADD @e +3(#m)
    SREM @e #m
    SISMEMBER @e #m
    SMISMEMBER @e #m #m
    SCARD @e
    SMEMBERS @e
    SINTER @e @e
    SUNION @e @e
    SDIFF @e @e
    SINTERSTORE @e @e @e
    SUNIONSTORE @e @e @e
    SINTERCARD 2 @e @e
    SMOVE @e @e #m
    SSCAN @e 0`,
  sortedSets: `
    ZADD @z (NX|XX|GT|LT||||||||) (CH||||) +3(#sc #m)
    ZADD @z INCR #sc #m
    ZREM @z #m
    ZSCORE @z #m
    ZMSCORE @z #m #m
    ZCARD @z
    ZCOUNT @z #mn #mx
    ZRANGE @z #idx #idx (REV||) (WITHSCORES||)
    ZRANGE @z #mn #mx BYSCORE (LIMIT #n #n||) (WITHSCORES||)
    ZRANGE @z #lmn #lmx BYLEX
    ZRANGEBYSCORE @z #mn #mx (WITHSCORES||) (LIMIT 0 (1|2|-1)||)
    ZREVRANGEBYSCORE @z #mx #mn (WITHSCORES||)
    ZREVRANGE @z #idx #idx (WITHSCORES||)
    ZRANGEBYLEX @z #lmn #lmx
    ZLEXCOUNT @z #lmn #lmx
    ZRANK @z #m
    ZREVRANK @z #m
    ZINCRBY @z #sc #m
    ZREMRANGEBYRANK @z #idx #idx
    ZREMRANGEBYSCORE @z #mn #mx
    ZPOPMIN @z (2||)
    ZPOPMAX @z
    ZUNIONSTORE @z 2 @z @z (WEIGHTS 2 3||) (AGGREGATE MIN|AGGREGATE MAX|AGGREGATE SUM||||)
    ZINTERSTORE @z 2 @z @z
    ZINTER 2 @z @z (WITHSCORES||)
    ZDIFF 2 @z @z
    ZRANGESTORE @z @z 0 -1
    ZSCAN @z 0`,
  streams: `
    XADD @x (MAXLEN 2||||||) (NOMKSTREAM|||||||||) #id #f #val
    XADD @x #id #f #val #f #val
    XLEN @x
    XRANGE @x (-|1-1|2) (+|3) (COUNT 2|||)
    XREVRANGE @x + -
    XREAD (COUNT 2||) STREAMS @x (0|1-1|$)
    XDEL @x #id
    XTRIM @x MAXLEN (1|2)
    XGROUP CREATE @x #g (0|$|1-1) (MKSTREAM|MKSTREAM|)
    XGROUP DESTROY @x #g
    XGROUP CREATECONSUMER @x #g #c
    XGROUP DELCONSUMER @x #g #c
    XREADGROUP GROUP #g #c (COUNT 1||) (NOACK|||||||||) STREAMS @x (>|>|0)
    XACK @x #g #id
    XPENDING @x #g
    XPENDING @x #g - + 10
    XCLAIM @x #g #c 0 #id (JUSTID|||)
    XAUTOCLAIM @x #g #c 0 0 (COUNT 1|||)
    XINFO GROUPS @x
    XINFO STREAM @x
    XSETID @x 9-0`,
  scripts: `
    EVAL $0 1 @s #val
    EVAL $1 1 @s #val 90000000
    EVAL $2 1 @s 100000
    EVAL $(3|5|6|7|15|17|18|22) 0
    EVAL $(4|12|16|20) 0 #val
    EVAL $8 1 @s
    EVAL $9 1 @l #val #val
    EVAL $10 1 @h
    EVAL $(11|14) 1 @z
    EVAL $13 0 #val #val
    EVAL $19 1 @x
    EVAL $(21|24) 1 @s
    EVAL $23 1 @s #val`,
  others: `
    PING (hi||)
    PUBLISH ch m
    PUBSUB NUMSUB ch
    CLIENT SETNAME me
    CLIENT GETNAME
    SCRIPT LOAD return
    EVALSHA e0e1f9fabfc9d4800c877a703b823ac0578ff8db 0
    SELECT 0
    GET
    SET a
    PFADD p0 #m
    PFCOUNT p0
    WATCH @s
    UNWATCH
    DISCARD
    EXEC`,
  blocking: `
    BLPOP @l 0
    BRPOP @l @l 0
    BZPOPMIN @z 0
    BLMOVE @l @l LEFT RIGHT 0`,
}

const lines = Object.fromEntries(
  Object.entries(grammar).map(([group, text]) => [group, text.trim().split(/\n\s+/)]),
) as Readonly<Record<string, readonly string[]>>

/** Groups that a sequence is made of. */
const mixes: readonly (readonly string[])[] = [
  ['strings', 'keys'],
  ['hashes', 'keys'],
  ['lists', 'keys'],
  ['sets', 'keys'],
  ['sortedSets', 'keys'],
  ['streams'],
  ['scripts', 'strings'],
  ['strings', 'hashes', 'lists', 'sets', 'sortedSets', 'keys', 'others', 'scripts'],
  ['strings', 'lists', 'others', 'keys'],
]

/** So many commands on one connection. Transactions hold some of them. */
export function sequence(seed: number, length: number): readonly (readonly string[])[] {
  const draw = drawOf(seed)
  const mix = oneOf(mixes, draw)
  const commands: (readonly string[])[] = []
  while (commands.length < length) {
    if (draw(25) > 0) commands.push(command(draw, mix))
    else {
      const inside = mix.filter((group) => group !== 'others')
      commands.push(['MULTI'])
      for (let left = 1 + draw(3); left > 0; left--)
        commands.push(command(draw, draw(10) === 0 ? ['blocking'] : inside))
      commands.push([draw(6) === 0 ? 'DISCARD' : 'EXEC'])
    }
  }
  return commands
}

function command(draw: Draw, groups: readonly string[]): readonly string[] {
  return expanded(oneOf(lines[oneOf(groups, draw)] ?? [], draw), draw)
}

/** A line of the grammar as a command. */
export function expanded(line: string, draw: Draw): readonly string[] {
  let text = line.replaceAll(/\+(\d)\(([^)]*)\)/g, (_, most, part) => `${part} `.repeat(1 + draw(Number(most))))
  while (/\([^()]*\|/.test(text))
    text = text.replace(/\(([^()]*\|[^()]*)\)/, (_, all) => oneOf(String(all).split('|'), draw))
  return text
    .split(/\s+/)
    .filter((token) => token !== '')
    .map((token) => {
      if (token.startsWith('@')) return key(token.slice(1), draw)
      if (token.startsWith('$') && token.length > 1) return scripts[Number(token.slice(1))] ?? ''
      return token.startsWith('#') ? oneOf(words[token.slice(1)] ?? [], draw) : token
    })
}

const types = ['s', 'h', 'l', 'e', 'z', 'x']

/** Mostly of that type. */
function key(type: string, draw: Draw): string {
  const other = type === 'any' || draw(16) === 0
  return `${other ? oneOf(types, draw) : type}${draw(3)}`
}

function oneOf<T>(all: readonly T[], draw: Draw): T {
  const found = all[draw(all.length)]
  if (found === undefined) throw new Error('nothing to draw from')
  return found
}
