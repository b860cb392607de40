"""What several servers on one log are besides the log: the bus between them."""
