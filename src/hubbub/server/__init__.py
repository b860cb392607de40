"""The asyncio side: one port, a connection for each protocol, heartbeat, shutdown."""
