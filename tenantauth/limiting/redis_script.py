"""The decision as Redis and Valkey run it: `tenantauth.limiting.window` in Lua, for many limits.

``KEYS`` holds one counter a limit, ``ARGV`` the number of the call and then window in microseconds,
amount and cost of each. The answer is that number, then for each limit what is left, and the
microseconds until some of it comes back and until the request can pass (0 when it may now).

A counter is a MessagePack array of pairs (latest time, sum). All times are the server's own, so
machines whose clocks differ agree.
"""

import hashlib

SCRIPT = """
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local limits, refused = {}, false

for index, key in ipairs(KEYS) do
  local window, amount, cost = ARGV[3 * index - 1], ARGV[3 * index], ARGV[3 * index + 1]
  local limit = {window = tonumber(window), amount = tonumber(amount), cost = tonumber(cost)}
  local packed = redis.call('GET', key)
  local stored = packed and cmsgpack.unpack(packed) or {}
  -- A server whose clock went back: what was spent in the future was spent just now.
  limit.ahead = math.max(0, (stored[#stored - 1] or 0) - now)
  limit.spent, limit.used, limit.wait = {}, 0, 0
  for at = 1, #stored, 2 do
    local latest = stored[at] - limit.ahead
    if latest + limit.window > now then
      table.insert(limit.spent, latest)
      table.insert(limit.spent, stored[at + 1])
      limit.used = limit.used + stored[at + 1]
    end
  end
  local excess = limit.used + limit.cost - limit.amount
  for at = 1, #limit.spent, 2 do
    if excess <= 0 then break end
    excess = excess - limit.spent[at + 1]
    limit.wait = limit.spent[at] + limit.window - now
  end
  refused = refused or limit.wait > 0
  limits[index] = limit
end

local answer = {tonumber(ARGV[1])}
for index, limit in ipairs(limits) do
  local spent = limit.spent
  if not refused then
    local width = math.floor(limit.window / 60)
    local last = spent[#spent - 1]
    if last and math.floor(last / width) == math.floor(now / width) then
      spent[#spent - 1] = now
      spent[#spent] = spent[#spent] + limit.cost
    else
      table.insert(spent, now)
      table.insert(spent, limit.cost)
    end
    limit.used = limit.used + limit.cost
  end
  if not refused or limit.ahead > 0 then
    -- A second more than the window: no rounding lets go of what still counts.
    local life = math.floor(limit.window / 1000) + 1000
    redis.call('SET', KEYS[index], cmsgpack.pack(spent), 'PX', life)
  end
  table.insert(answer, math.max(0, limit.amount - limit.used))
  table.insert(answer, spent[1] and spent[1] + limit.window - now or 0)
  table.insert(answer, limit.wait)
end
return answer
"""
SCRIPT_SHA = hashlib.sha1(SCRIPT.encode(), usedforsecurity=False).hexdigest()
