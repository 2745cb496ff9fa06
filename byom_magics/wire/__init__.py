"""How a call travels: bytes, timers, retries, connections, and the dialects that servers speak."""
