"""What the keys of the room's screen do (`room_keys.KEYS`)."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from typing import Any

from textual.screen import Screen

from hubbub.client.errors import ChatClosed
from hubbub.domain.errors import ChatError
from hubbub.domain.events import FORMER_MEMBER, Said
from hubbub.domain.orders import Order
from hubbub.domain.quotes import quote_of_said
from hubbub.domain.rights import Action
from hubbub.domain.sentences import shown_text
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
from hubbub.terminal.full.model.below import who_reacts
from hubbub.terminal.full.model.changing import (
    ANSWER,
    COPY_TEXT,
    EDIT,
    LINKS,
    PIN,
    REACT,
    SHOW,
    TAKE_BACK,
    TALK,
    VERSIONS,
    message_acts,
    newest,
)
from hubbub.terminal.full.model.changing import KEYS as KEYS_OF_MESSAGES
from hubbub.terminal.full.model.commands import VOCABULARY, as_typed
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

    def give_back(self, room: Room) -> None:
        """Shows the draft of a room, which has changed."""
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
        elif room is not None and room.edits is not None:
            room.edit_no_more()
            self.give_back(room)
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

    async def _tell_of(self, name: str, menu: Menu, before: Sequence[str] = ()) -> None:
        with suppress(ChatError, ChatClosed):  # an older server, or they are gone: less is told
            menu.tell([*before, *await self._client.orders.people.known_of(name)])

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

    # The marked message

    def offered(self, said: Said) -> list[str]:
        """The keys of what may be done with a message."""
        return [act.typed for act in self._message_acts(said)]

    def _message_acts(self, said: Said) -> list[Act]:
        room = self._conversation.rooms.current
        if room is None:
            return []
        name, chat = room.name, self._conversation.chat

        def may(action: Action) -> bool:
            return not room.shut and chat.why_not(action, name) is None

        return message_acts(said, room, self._conversation.me, may)

    def _on_marked(self, key: str) -> bool:
        """Whether a key was used to do something with the marked message."""
        said, typed = self._answer.marked, KEYS_OF_MESSAGES.get(key)
        if said is None:
            return False
        if key == "f7":
            self._answer.stop()
            self.open_message_menu(said)
            return True
        if typed is None:
            return False
        offered = self.offered(said)
        self._answer.stop()
        if typed in offered:
            self._do_to(said, typed)
        else:
            self.say(self._why_not(said, typed))
        return True

    def open_message_menu(self, said: Said) -> None:
        """Opens what can be done with a message, and with who has said it; who reacts is above."""
        room = self._conversation.rooms.current
        if room is None:
            return
        acts = self._message_acts(said)
        if not (self._conversation.me.did(said) or said.by == FORMER_MEMBER):
            acts += member_acts(said.by, room, self._may(room), said.seq)
        told = who_reacts(said.reactions)

        def chosen(act: Act | None) -> None:
            if act is not None and act.typed in (ANSWER, *KEYS_OF_MESSAGES.values()):
                self._do_to(said, act.typed)
            else:
                self._do(act)

        menu = Menu(f"{said.by}: {quote_of_said(said).text or shown_text(said)}", acts, told)
        self.app.push_screen(menu, chosen)
        if said.by != FORMER_MEMBER and self._conversation.chat.online:
            self._client.run_soon(self._tell_of(said.by, menu, told))

    def edit(self, said: Said) -> None:
        """Puts a message of ours into the input, to be changed."""
        room = self._conversation.rooms.current
        if room is not None:
            room.draft = self._entry.text if room.edits is None else room.draft
            room.edit(said)
            room.draft = as_typed(said.text)
            self.give_back(room)

    def edit_last(self) -> bool:
        """With ↑ in an empty input: what we have said last is changed; whether it can be.

        Not if something else was sent since, a command for example: that is brought back then.
        """
        room, last = self._conversation.rooms.current, self._entry.typed.last
        if room is None or room.edits is not None or self._entry.text or last is None:
            return False
        said = newest(room, self._conversation.me, ours=True)
        if said is None or EDIT not in self.offered(said):
            return False
        if last and isinstance(VOCABULARY.read(last), Order):
            return False
        if any(line.change is None for line in room.own):
            return False  # what is not sent yet is brought back
        self.edit(room.timeline.shown(said.seq) or said)
        return True

    def _do_to(self, said: Said, typed: str) -> None:
        room, orders = self._conversation.rooms.current, self._client.orders
        if room is None:
            return
        deeds = orders.messages
        later: dict[str, Callable[[Room, Said], Coroutine[Any, Any, None]]] = {
            REACT: deeds.react,
            TAKE_BACK: deeds.take_back,
            TALK: deeds.talk,
            VERSIONS: deeds.versions,
            SHOW: orders.files.show,
        }
        if typed == ANSWER:
            room.edit_no_more()
            room.answers = said
            self.give_back(room)
        elif typed == EDIT:
            self.edit(said)
        elif typed == PIN:
            try:
                deeds.pin(room, said)
            except (ChatError, ChatClosed) as error:
                self.say(str(error), bad=True)
        elif typed == COPY_TEXT:
            self.app.copy_to_clipboard(said.text)
            self.say("The message is copied.")
        elif typed == LINKS:
            found = links(room.timeline, of=said.seq)
            if len(found) == 1:
                self._client.open_link(found[0].url)
            else:
                self._show_links(room, found)
        else:
            self._client.run_soon(orders.do(later[typed](room, said)))
        self.draw_soon()

    def _why_not(self, said: Said, typed: str) -> str:
        """Why something cannot be done with a message."""
        room, chat = self._conversation.rooms.current, self._conversation.chat
        fixed = {
            LINKS: "There is no link here.",
            SHOW: "There is no picture here.",
            COPY_TEXT: "There is no text to copy.",
            TALK: "It answers nothing, and nobody has answered it.",
            VERSIONS: "There are no former versions of it that you may see.",
        }
        if typed in fixed:
            return fixed[typed]
        if said.redacted is not None:
            return "This message was taken back."
        if typed == EDIT and not self._conversation.me.did(said):
            return "Only its author may change a message."
        action = {TAKE_BACK: Action.REDACT, PIN: Action.PIN}.get(typed, Action.SPEAK)
        refused = chat.why_not(action, room.name) if room is not None else None
        return refused.message if refused is not None else "That cannot be done here."

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
