"""A server starts another one in its place, which inherits its sockets: nobody is refused.

The old process starts the new one (`successor`), which imports everything, looks whether it could
serve, and says ``ready`` (`predecessor`). Only then the old one ends its connections and lets go of
the data folder; the new one opens it, serves, and says ``serving``. If it does not come that far,
the old one serves again.
"""
