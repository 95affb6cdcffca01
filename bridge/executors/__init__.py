"""Where synchronous code runs: one contract, and the executors that keep it."""
