"""How the screen of the first questions is laid out and coloured, in Textual's CSS."""

STYLE = """
Welcome { background: $background; color: $foreground; layout: vertical; }
Welcome > Vertical { max-width: 72; padding: 1 2; height: 1fr; }
Welcome #banner { text-style: bold; color: $primary; height: auto; }
Welcome #where { color: $secondary; height: auto; margin-bottom: 1; }
Welcome .question { height: auto; }
Welcome Input { height: 1; border: none; padding: 0; background: $surface; margin-bottom: 1; }
Welcome #word { height: auto; margin-bottom: 1; }
Welcome #hint { height: auto; color: $secondary; }
Welcome #word.bad { color: $error; }
Welcome Choices { height: auto; max-height: 40%; }
Welcome #rooms-title { height: 1; text-wrap: nowrap; text-overflow: ellipsis; }
Welcome #more-rooms { height: auto; color: $secondary; }
Welcome #which { margin-top: 1; }
Welcome.-short #banner { display: none; }
Welcome.-short #hint { height: 1; }
Welcome.-short > Vertical { padding: 0 1; }
Welcome.-short #where, Welcome.-short Input, Welcome.-short #word { margin-bottom: 0; }
Welcome.-short #which { margin-top: 0; }
Welcome.-short.-named #who, Welcome.-short.-named #name { display: none; }
"""
