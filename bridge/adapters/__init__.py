"""The ASGI-facing half of the bridge: one module per scope type or direction."""
