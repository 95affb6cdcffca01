-- Adds one line of JSON to wrk's output: figures in full, where its own table rounds them.
done = function(summary, latency, requests)
  local errors = summary.errors
  io.write(string.format(
    'RESULT {"requests": %d, "rate": %.3f, "p50_ms": %.4f, "p99_ms": %.4f, "failures": %d}\n',
    summary.requests,
    summary.requests / summary.duration * 1e6,
    latency:percentile(50) / 1000,
    latency:percentile(99) / 1000,
    errors.connect + errors.read + errors.write + errors.status + errors.timeout
  ))
end
