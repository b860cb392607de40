"""`hubbub admin`: what who keeps the server asks of it, whether it runs or not."""
