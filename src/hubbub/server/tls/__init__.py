"""TLS on the one port: a layer around whatever a client speaks."""
