"""What the keys of the room's screen do (`room_keys.KEYS`)."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from textual.screen import Screen

from hubbub.client.errors import ChatClosed
from hubbub.domain.errors import ChatError
from hubbub.domain.events import FORMER_MEMBER
from hubbub.domain.orders import Order
from hubbub.terminal.full.conversation import Conversation
from hubbub.terminal.full.model.acts import (
    COPY,
    SETTINGS,
    Act,
    May,
    member_acts,
    room_acts,
    settings_acts,
)
from hubbub.terminal.full.model.links import Link, links
from hubbub.terminal.full.model.members import members_of
from hubbub.terminal.full.model.room import Room
from hubbub.terminal.full.screens.app_port import AppPort
from hubbub.terminal.full.screens.menus import Menu, People
from hubbub.terminal.full.screens.room_keys import KEYS
from hubbub.terminal.full.widgets.answer import AnswerLine
from hubbub.terminal.full.widgets.entry import Entry
from hubbub.terminal.full.widgets.find import FindBar
from hubbub.terminal.full.widgets.timeline import TimelineView


class RoomActions(Screen[None]):
    """The actions; `RoomScreen` adds the widgets."""

    BINDINGS = KEYS

    _client: AppPort
    _conversation: Conversation
    _timeline: TimelineView
    _entry: Entry
    _find: FindBar
    _answer: AnswerLine

    def draw(self) -> None:
        """Draws what has changed."""
        raise NotImplementedError

    def draw_soon(self) -> None:
        """Draws what has changed with the next frame."""
        raise NotImplementedError

    def say(self, text: str, *, bad: bool = False) -> None:
        """Shows a message to the person above the input."""
        raise NotImplementedError

    def action_page(self, by: int) -> None:
        self._timeline.scroll_rows(by * max(1, self._timeline.size.height - 1))

    def action_rows(self, by: int) -> None:
        self._timeline.scroll_rows(by)

    def action_oldest(self) -> None:
        room = self._conversation.rooms.current
        if room is not None:
            self._timeline.to_oldest()
            self._client.run_soon(self._client.loading.to(room, 1))

    def action_newest(self) -> None:
        room = self._conversation.rooms.current
        if room is not None:
            room.timeline.unpoint()
            self._client.run_soon(self._client.loading.newest(room))

    def action_escape(self) -> None:
        self._client.finding.stop()
        if self._entry.withdraw() or self._find.close():
            return
        room = self._conversation.rooms.current
        if self.has_class("bare"):
            self.action_bare()
        elif self.selections:
            self.clear_selection()
        elif room is not None and room.answers is not None:
            room.answers = None
            self.draw_soon()
        elif room is not None and room.timeline.following and room.unread.texts:
            self._conversation.mark_read([room])
            self.say("All here is read.")
        else:
            self.action_newest()

    def action_answer(self) -> None:
        if not self._answer.choose():
            self.say("There is no message here yet.")

    def action_unread(self) -> None:
        room = self._conversation.rooms.current
        if room is None or not (room.unread.texts or room.timeline.marker is not None):
            self.say("There is nothing new here.")
        else:
            self._client.run_soon(self._client.loading.first_new(room))
        self.draw_soon()

    def action_mention(self) -> None:
        self._client.run_soon(self._next_mention())

    async def _next_mention(self) -> None:
        room = self._conversation.rooms.current
        if room is not None and await self._client.loading.next_mention(room):
            return
        other = self._conversation.rooms.next_unread(mentions=True)
        if other is not None:
            # First: opening the room shows its end, and so would mark the mention as seen.
            await self._client.loading.next_mention(other)
            self._open(other)
        else:
            self.say("There is no mention of you that you have not seen.")

    def action_next_unread(self) -> None:
        room = self._conversation.rooms.next_unread()
        if room is None:
            self.say("There is nothing new in the other rooms.")
        self._open(room)

    def action_switch(self) -> None:
        self._client.switch()

    def action_room_menu(self) -> None:
        room = self._conversation.rooms.current
        if room is not None:
            acts = room_acts(room, self._client.quiet.level(room.name), self._may(room))
            self.app.push_screen(Menu(room.label, acts), self._do)

    def action_queue(self) -> None:
        room = self._conversation.rooms.current
        if room is not None:
            self._client.run_soon(self._client.orders.obey(Order("queue"), room))

    def action_people(self) -> None:
        room = self._conversation.rooms.current
        if room is None:
            return

        def chosen(name: str | None) -> None:
            if name is not None:
                self.open_member_menu(name)

        title = f"In {room.label}: {len(room.members):,}"
        self.app.push_screen(People(title, members_of(room)), chosen)

    def open_member_menu(self, name: str, about: int = 0) -> None:
        """Opens the menu of a member, or of somebody who has said something: the text ``about``.

        What is known of them comes above it as soon as the server has answered.
        """
        room = self._conversation.rooms.current
        if room is None:
            return
        if name == self._conversation.user:
            self.say("That is you.")
        elif name == FORMER_MEMBER:
            self.say("This account was closed.")
        else:
            menu = Menu(name, member_acts(name, room, self._may(room), about))
            self.app.push_screen(menu, self._do)
            if self._conversation.chat.online:
                self._client.run_soon(self._tell_of(name, menu))

    async def _tell_of(self, name: str, menu: Menu) -> None:
        with suppress(ChatError, ChatClosed):  # an older server, or they are gone: less is told
            menu.tell(await self._client.orders.people.known_of(name))

    def _may(self, room: Room) -> May:
        """What we may do in a room, as far as it is known here."""
        chat = self._conversation.chat
        return lambda action, to: room.inside and chat.why_not(action, room.name, to=to) is None

    def _do(self, act: Act | None) -> None:
        """Does the choice of a menu, or puts an unfinished command into the input."""
        room = self._conversation.rooms.current
        if act is None or room is None:
            return
        if act.typed == COPY:
            self._client.copy_link(room.name)
        elif act.typed == SETTINGS:
            title = f"Settings of {room.label}"
            self.app.push_screen(Menu(title, settings_acts(room.standing)), self._do)
        elif act.typed.endswith(" "):
            self._entry.insert(act.typed)
        else:
            self._client.run_soon(self._client.orders.choose(act, room))

    def action_find(self) -> None:
        self._find.open()

    def action_links(self) -> None:
        room = self._conversation.rooms.current
        if room is not None:
            self._show_links(room, links(room.timeline))

    def _on_marked(self, key: str) -> bool:
        """Whether a key was used to copy the marked message, or to open its link."""
        room, said = self._conversation.rooms.current, self._answer.marked
        if room is None or said is None or key not in ("ctrl+c", "ctrl+o", "f7"):
            return False
        if key == "f7":
            self._answer.stop()
            self.open_member_menu(said.by, said.seq)
            return True
        found = links(room.timeline, of=said.seq)
        self._answer.stop()
        if key == "ctrl+c":
            self.app.copy_to_clipboard(said.text)
            self.say("The message is copied.")
        elif len(found) == 1:
            self._client.open_link(found[0].url)
        else:
            self._show_links(room, found)
        return True

    def _show_links(self, room: Room, found: Sequence[Link]) -> None:
        if not found:
            self.say("There is no link here.")
            return
        said = [room.timeline.window.get(link.seq) for link in found]
        by = [one.by if one else "" for one in said]
        self._client.show_links([(link.url, name) for link, name in zip(found, by, strict=True)])

    def action_beside(self, by: int) -> None:
        self._open(self._conversation.rooms.beside(by))

    def action_room(self, number: int) -> None:
        self._open(self._conversation.rooms.at(number))

    def action_times(self) -> None:
        self._client.prefer(times="full" if self._client.short_times else "short")

    def action_members(self) -> None:
        self._client.prefer(members=not self._client.preferences.members)

    def action_theme(self) -> None:
        self._client.set_theme(None)

    def action_bare(self) -> None:
        self.toggle_class("bare")
        self._client.catch_mouse(not self.has_class("bare"))

    def action_again(self) -> None:
        room = self._conversation.rooms.current
        if room is None:
            return
        try:
            if not self._conversation.say_again(room):
                self.say("There is nothing to send again.")
        except (ChatError, ChatClosed) as error:
            self.say(str(error), bad=True)

    def action_copy(self) -> None:
        text = self.get_selected_text() or self._entry.selected_text
        if text:
            self.app.copy_to_clipboard(text)
            self.clear_selection()
            self.say("Copied.")
        else:
            self.say("Ctrl+Q ends. Alt+R marks a message to copy.")

    def action_reconnect(self) -> None:
        self._conversation.chat.reconnect_now()

    def action_help(self) -> None:
        self._client.show_help()

    def action_quit(self) -> None:
        self._client.end(leave_rooms=False)

    def _open(self, room: Room | None) -> None:
        """Shows a room at once, so that the next keys are written there."""
        if room is not None:
            self._conversation.open(room)
            self.draw()
