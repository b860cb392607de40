"""`hubbub top`: how busy a server is, live in a terminal. ``model`` computes, ``layout`` places,
``screen`` shows."""
