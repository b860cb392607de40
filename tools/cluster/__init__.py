"""A whole cluster on this computer: PostgreSQL, NATS, nodes and a balancer, to try and to test."""
