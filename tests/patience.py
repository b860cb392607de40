"""How long tests wait for what has to come. Only one that fails waits so long."""

# A machine with everything on it at once may give a process nothing for many seconds. Below the
# time limit of a whole test, so that what never came is told by its name.
PATIENCE_SECONDS = 60.0
