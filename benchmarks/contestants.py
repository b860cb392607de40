"""Who is measured, by the names in the record, and what people call them."""

HUBBUB = "hubbub"
WEBSOCKET = "hubbub-websocket"
PROCESS = "hubbub-process"
LIMIT = "limit"
GATHERING = "limit-5ms"
BARE = "bare"
BARE_PROCESS = "bare-process"
NGIRCD = "ngircd"
DISK = "disk"
STARTING = "start"

LABELS = {
    HUBBUB: "Hubbub",
    WEBSOCKET: "Hubbub, WebSocket",
    PROCESS: "Hubbub, durability process",
    LIMIT: "bare C",
    GATHERING: "bare C, gathering for 5 ms",
    BARE: "bare Python",
    BARE_PROCESS: "bare Python, durability process",
    NGIRCD: "ngircd",
    DISK: "the disk alone",
    STARTING: "start of the server",
}

COLOURS = {
    HUBBUB: "#2563eb",
    WEBSOCKET: "#7c3aed",
    LIMIT: "#6b7280",
    NGIRCD: "#d97706",
    STARTING: "#059669",
}
"""Of those who are drawn: apart in brightness, too, for who sees no colours."""

OTHERS = frozenset({LIMIT, GATHERING, BARE, BARE_PROCESS, NGIRCD, DISK})
"""Who may fail, or be missing, without anything being wrong here."""
