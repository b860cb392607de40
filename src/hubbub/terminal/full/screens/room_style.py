"""How the room's screen is laid out and coloured, in Textual's CSS."""

STYLE = """
RoomScreen { layout: vertical; background: $background; color: $foreground; }
Title { height: 1; background: $panel; color: $foreground; }
Title:ansi { text-style: reverse; }
#middle { height: 1fr; }
RoomList { width: 20; background: $surface; }
Members { width: 18; background: $surface; }
TimelineView { width: 1fr; height: 1fr; padding: 0 0 0 1; }
Popup { display: none; height: 0; background: $panel; padding: 0 0 0 1; }
StatusLine { height: 1; background: $surface; }
#writing { height: auto; max-height: 8; background: $background; }
#prompt { width: 2; height: 1; text-style: bold; color: $primary; }
Entry { width: 1fr; height: auto; max-height: 8; min-height: 1; padding: 0;
        background: $background; border: none; }
RoomScreen.-short #writing, RoomScreen.-short Entry { max-height: 3; }
RoomScreen.bare Title, RoomScreen.bare RoomList, RoomScreen.bare Members,
RoomScreen.bare StatusLine { display: none; }
RoomScreen.bare TimelineView { padding: 0; }
RoomScreen.-narrow Members, RoomScreen.-slim RoomList, RoomScreen.no-members Members {
    display: none;
}
"""
