"""The terminal clients, on top of the client library: plain lines, and the full screen."""
