"""The room: title, rooms, timeline, members, and the input after ``> ``."""

from __future__ import annotations

from collections.abc import Callable

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widgets import Static

from hubbub.client.errors import ChatClosed
from hubbub.domain.errors import ChatError
from hubbub.domain.events import Said
from hubbub.domain.orders import Message, Mistake, Order
from hubbub.terminal.full.conversation import Conversation
from hubbub.terminal.full.model.commands import VOCABULARY, asks_for_secret, secret_at
from hubbub.terminal.full.model.completion import Known, room_begun
from hubbub.terminal.full.model.people import people
from hubbub.terminal.full.model.room import Room
from hubbub.terminal.full.screens.app_port import AppPort
from hubbub.terminal.full.screens.paste import LongPaste
from hubbub.terminal.full.screens.room_actions import RoomActions
from hubbub.terminal.full.screens.room_style import STYLE
from hubbub.terminal.full.widgets.answer import AnswerLine
from hubbub.terminal.full.widgets.entry import TYPING_EVERY, Entry
from hubbub.terminal.full.widgets.find import FindBar
from hubbub.terminal.full.widgets.popup import Popup
from hubbub.terminal.full.widgets.sidebars import Members, RoomList
from hubbub.terminal.full.widgets.status import StatusLine
from hubbub.terminal.full.widgets.timeline import TimelineView
from hubbub.terminal.full.widgets.title import Title
from hubbub.terminal.paths import candidates

FRAME_SECONDS = 1 / 30  # changes within one frame are drawn together
TICK_SECONDS = 1.0  # for changes by time alone: a countdown, who is typing
ATTENDANCE_SECONDS = 20.0  # between two questions who is away
SECRETS = frozenset(("own",))  # commands without which something secret is asked for
MEMBERS_FROM = 90  # cells: a narrower screen does not show the members
ROOMS_FROM = 56  # cells: a narrower screen does not show the rooms
SHORT = 16  # rows: on a shorter screen the input has fewer rows


class RoomScreen(RoomActions):
    """Shows the conversation, and passes on what is typed."""

    CSS = STYLE

    def __init__(
        self, client: AppPort, conversation: Conversation, typed: Callable[[], str]
    ) -> None:
        """``typed`` gives the keys that were pressed before there was an input."""
        super().__init__()
        self._client = client
        self._typed_before = typed
        self._conversation = conversation
        self._drawing = False
        self._shown: Room | None = None
        self._typed_at = 0.0
        self._typing_ahead = False  # the input is meant for the room that is being entered

    def compose(self) -> ComposeResult:
        yield Title()
        with Horizontal(id="middle"):
            yield RoomList()
            yield TimelineView()
            yield Members()
        yield Popup()
        yield StatusLine()
        yield AnswerLine(self._marked, self.offered)
        yield FindBar()
        with Horizontal(id="writing"):
            yield Static("> ", id="prompt")
            typed = self._conversation.typed
            yield Entry(self._submit, self._known, self._choosing, self._client.ahead, typed)

    def on_mount(self) -> None:
        self._title = self.query_one(Title)
        self._timeline = self.query_one(TimelineView)
        self._rooms = self.query_one(RoomList)
        self._members = self.query_one(Members)
        self._status = self.query_one(StatusLine)
        self._entry = self.query_one(Entry)
        self._popup = self.query_one(Popup)
        self._find = self.query_one(FindBar)
        self._answer = self.query_one(AnswerLine)
        self.set_focus(self._entry)
        self.set_interval(TICK_SECONDS, self.draw_soon)
        self.set_interval(ATTENDANCE_SECONDS, self._ask_who_is_away)
        self.apply_preferences()
        self.draw()
        self._entry.insert_paste(self._typed_before())

    def on_key(self, event: events.Key) -> None:
        if event.character is not None and event.is_printable:
            self._entry.insert(event.character)  # pressed before the input existed

    # Drawing

    def draw_soon(self) -> None:
        """Draws what has changed with the next frame."""
        if not self._drawing and self.is_mounted:
            self._drawing = True
            self.set_timer(FRAME_SECONDS, self.draw)

    def draw(self) -> None:
        """Draws what has changed."""
        self._drawing = False
        conversation = self._conversation
        room, now = conversation.rooms.current, conversation.clock()
        if room is not self._shown:
            self._switch(room)
        self._answer.show_room(room)
        self._timeline.show_room(room)
        if self.is_current:
            conversation.markers.see()
            self._client.show_title()
        if room is not None and room.timeline.is_short:
            self._client.run_soon(self._client.loading.fill_up(room))
        news = conversation.rooms.elsewhere()
        self._title.show_state(
            room,
            conversation.status,
            conversation.seen_as,
            self._client.where,
            now,
            news if self.has_class("-slim") else None,
        )
        self._rooms.show_rooms(conversation.rooms)
        self._members.show_room(room)
        self._status.show_state(
            conversation.rooms,
            self._entry.text,
            conversation.status.limits,
            now,
            conversation.why_silent(room) if room is not None else "",
        )

    def _ask_who_is_away(self) -> None:
        room = self._conversation.rooms.current
        if room is not None and self._conversation.chat.online:
            self._conversation.attendance.ask(room)

    def say(self, text: str, *, bad: bool = False) -> None:
        """Shows a message to the person above the input."""
        self._status.say(text, self._conversation.clock(), bad=bad)
        self.draw_soon()

    def give_back(self, room: Room) -> None:
        """Shows the draft of a room, which has changed."""
        if room is self._shown:
            self._entry.put(room.draft)
        self.draw_soon()

    def apply_preferences(self) -> None:
        """Applies changed preferences."""
        preferences = self._client.preferences
        self.set_class(not preferences.members, "no-members")
        for room in self._conversation.rooms:
            self._style(room)
        self.draw_soon()

    def _style(self, room: Room) -> None:
        look = room.timeline.look._replace(
            compact=self._client.short_times,
            me=self._conversation.me,
            ignored=self._client.quiet.hidden,
            sought=self._find.sought,
        )
        room.timeline.restyle(look)
        room.settle_own(self._conversation.user)

    def _switch(self, room: Room | None) -> None:
        if self._shown is not None:
            self._shown.draft = self._entry.text[: secret_at(self._entry.text)]
        if self._typing_ahead and self._shown is not None and room is not None:
            room.draft, self._shown.draft = room.draft + self._shown.draft, ""
        self._typing_ahead = False
        self._shown = room
        self._find.end()
        self._entry.focus()
        if room is not None:
            self._style(room)
            self._entry.put(room.draft)
            self._status.hush()

    # The screen's own events

    def on_resize(self, event: events.Resize) -> None:
        self.set_class(event.size.width < MEMBERS_FROM, "-narrow")
        self.set_class(event.size.width < ROOMS_FROM, "-slim")
        self.set_class(event.size.height < SHORT, "-short")
        self.apply_preferences()  # the width decides between full and short times

    def on_text_selected(self) -> None:
        self._timeline.dragging.end()

    @on(TimelineView.Moved)
    def _moved(self) -> None:
        self._conversation.attention.key_pressed(self._conversation.clock())
        room = self._conversation.rooms.current
        if room is not None and (room.timeline.wants_older or room.timeline.wants_newer):
            self._client.run_soon(self._client.loading.fill(room))
        self.draw_soon()

    @on(TimelineView.LinkClicked)
    def _link_clicked(self, clicked: TimelineView.LinkClicked) -> None:
        self._client.open_link(clicked.url)

    @on(TimelineView.NameClicked)
    def _name_clicked(self, clicked: TimelineView.NameClicked) -> None:
        self.open_member_menu(clicked.name)

    @on(RoomList.Chosen)
    def _room_chosen(self, chosen: RoomList.Chosen) -> None:
        self.action_room(chosen.number)

    @on(Title.Clicked)
    def _title_clicked(self) -> None:
        self.action_room_menu()

    @on(Members.Chosen)
    def _member_chosen(self, chosen: Members.Chosen) -> None:
        self.open_member_menu(chosen.name)

    # Writing

    def _submit(self, text: str) -> str | None:
        """Sends a text or obeys a command; returns what is in the input then. None: that failed,
        and the input keeps it.
        """
        room = self._conversation.rooms.current
        if room is None:
            return None
        asked = VOCABULARY.read(text)
        if isinstance(asked, Mistake):
            if asked.name in SECRETS and secret_at(f"{text} ") == len(text) + 1:
                asked = Order(asked.name)  # what is lacking is asked for, unseen
            else:
                self.say(asked.why, bad=True)
                return None
        self._status.hush()
        if isinstance(asked, Message):
            if why := self._conversation.why_silent(room):
                self.say(why, bad=True)
                return None
            if room.edits is not None:
                return self._change(room, room.edits, asked.text)
            try:
                answers = room.answers.seq if room.answers else None
                self._conversation.say(room, asked.text, reply_to=answers)
            except (ChatError, ChatClosed) as error:
                self.say(str(error), bad=True)
                return None
            room.answers = None
            self.action_newest()
        else:
            self._typing_ahead = asked.name == "join"
            if asks_for_secret(asked):
                self._client.ahead.begin()
            self._client.run_soon(self._obey(asked, room))
            if room.edits is not None:
                room.edit_no_more()  # what was to be changed would be said by the next Enter
                return room.draft
        room.draft = ""
        self.draw_soon()
        return ""

    def _change(self, room: Room, said: Said, text: str) -> str | None:
        """Changes a message of ours, and gives back what was written before that."""
        try:
            self._client.orders.messages.edit(room, said, text)
        except (ChatError, ChatClosed) as error:
            self.say(str(error), bad=True)
            return None
        room.edit_no_more()
        self.draw_soon()
        return room.draft

    async def _obey(self, order: Order, room: Room) -> None:
        try:
            await self._client.orders.obey(order, room)
            self.draw()
        finally:
            self._typing_ahead = False
            self._client.ahead.forget()

    def _choosing(self, key: str, writes: bool) -> bool:
        self._conversation.attention.key_pressed(self._conversation.clock())
        used = self._on_marked(key) or self._answer.key(key, writes=writes)
        return used or (key == "up" and self.edit_last())

    def _marked(self) -> None:
        """Another message is marked, to reply to."""
        self._timeline.scroll_rows(0)

    @on(Entry.Offered)
    def _offered(self, offered: Entry.Offered) -> None:
        self._popup.show_candidates(offered.candidates, offered.chosen)

    @on(Popup.Chosen)
    def _candidate_chosen(self, chosen: Popup.Chosen) -> None:
        self._entry.choose(chosen.number)

    @on(Entry.Changed)
    def _written(self) -> None:
        if self._shown is not None:
            text = self._entry.text  # saved at the end of the program, whatever ends it
            self._shown.draft = text[: secret_at(text)]
        now = self._conversation.clock()
        room = self._conversation.rooms.current
        writes = bool(self._entry.text) and not self._entry.text.startswith("/")
        if room is not None and writes and now - self._typed_at >= TYPING_EVERY:
            self._typed_at = now
            self._conversation.chat.typing(room.name)
        begun = room_begun(self._entry.before_cursor)
        if begun is None:
            self._client.finding.stop()
        else:
            self._client.finding.look(begun, self._entry.offer_again)
        self.draw_soon()

    @on(Entry.WantsEnd)
    def _wants_end(self, wants: Entry.WantsEnd) -> None:
        if wants.oldest:
            self.action_oldest()
        else:
            self.action_newest()

    @on(Entry.LongPaste)
    def _long_paste(self, paste: Entry.LongPaste) -> None:
        def answered(yes: bool | None) -> None:
            if yes:
                self._entry.insert_paste(paste.text)

        self.app.push_screen(LongPaste(paste.text), answered)

    def _known(self) -> Known:
        room = self._conversation.rooms.current
        names = people(room.members, room.timeline) if room else []
        mine = self._conversation.user
        others = [name for name in names if name != mine]
        return Known(others, self._client.known_rooms(), candidates)

    # Searching

    @on(FindBar.Sought)
    def _sought(self) -> None:
        room = self._conversation.rooms.current
        if room is not None:
            self._style(room)
            self._find.found(room.timeline)
        self.draw_soon()

    @on(FindBar.Everywhere)
    def _search_everywhere(self, sought: FindBar.Everywhere) -> None:
        room = self._conversation.rooms.current
        if room is not None:
            self._client.run_soon(self._client.orders.obey(Order("search", sought.words), room))

    @on(FindBar.Closed)
    def _find_closed(self) -> None:
        self._sought()
        self._entry.focus()
