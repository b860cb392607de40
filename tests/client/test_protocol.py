"""The protocol on its own: whatever a server sends, it stays sane."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from hubbub.client import Entered, Happened, Held, InDoubt, RoomLost, RoomMoved
from hubbub.client.line import LineState, Unsent
from hubbub.client.protocol import Protocol
from hubbub.client.requests import Request
from hubbub.client.resume import Resume
from hubbub.domain import commands as ask
from hubbub.domain import replies
from hubbub.domain.commands import Command
from hubbub.domain.errors import (
    LogUnavailable,
    NotInRoom,
    RateLimited,
    TextTooLong,
    TooManyRooms,
    WrongPassword,
)
from hubbub.domain.events import AnyEvent, Joined, Left, Said
from hubbub.domain.names import RoomName, UserName
from hubbub.domain.replies import Ack, Events, Limits, Pong, Refused, Reply, RoomJoined, Welcome
from hubbub.domain.rules import Profile, Role

LIMITS = Limits(text=4000, line=32768, rate=0, burst=50, rooms=50, history=200, lines=7)

WELCOME = Welcome(user="ada", token="secret", server="test", log="log", limits=LIMITS)

numbers = st.integers(-3, 12)
rooms = st.sampled_from(["General", "general", "tea", "", "no such\nroom"])
names = st.sampled_from(["ada", "ben", ""])
events = st.lists(
    st.builds(Said, numbers, numbers, names, st.sampled_from(["0", "1"]))
    | st.builds(Joined, numbers, numbers, names)
    | st.builds(Left, numbers, numbers, names),
    max_size=5,
)
res = st.none() | numbers | st.sampled_from(["1", "x"])
codes = st.sampled_from(["bad-cursor", "rate-limited", "log-unavailable", "not-in-room", "new-one"])
REPLIES: st.SearchStrategy[Reply] = st.one_of(
    st.builds(Ack, re=res, room=rooms, seq=numbers, at=numbers, nonce=names),
    st.builds(Refused, re=res, code=codes, message=names, retry_after=st.none() | numbers),
    st.builds(RoomJoined, re=res, room=rooms, users=st.lists(names), head=numbers, after=numbers),
    st.builds(replies.RoomLeft, re=res, room=rooms),
    st.builds(replies.RoomDeleted, re=res, room=rooms),
    st.builds(Events, re=res, room=rooms, events=events),
    st.builds(replies.Page, re=res, room=rooms, events=events, head=numbers),
    st.builds(Pong, re=res),
    st.builds(replies.RoomList, re=res, rooms=st.just([])),
    st.builds(replies.SomeoneTyping, re=res, room=rooms, by=names),
    st.builds(replies.Presence, re=res, room=rooms, user=names, here=st.booleans()),
    st.builds(replies.ProfileChanged, re=res, profile=st.just(Profile())),
)


def online(resume: Resume | None = None) -> Protocol:
    protocol = Protocol(resume)
    protocol.hello(UserName.parse("ada"), "test")
    protocol.connected(WELCOME, 0.0)
    return protocol


def in_general() -> Protocol:
    protocol = online()
    protocol.join("General")
    (join,) = protocol.commands(0.0)
    reply = RoomJoined(re=join.id, room="General", users=["ada"], head=0, after=0)
    protocol.receive(reply, 0.0)
    return protocol


@given(st.lists(REPLIES, max_size=30), st.booleans())
def test_no_reply_does_harm(replies: list[Reply], reconnecting: bool) -> None:
    protocol = online()
    shown: dict[str, int] = {}
    for number, reply in enumerate(replies):
        protocol.join("General")
        if protocol.rooms.get("General"):
            protocol.send(Unsent(room="General", text=str(number % 2), nonce=str(number)))
        protocol.ask(ask.Rooms())
        for command in protocol.commands(float(number)):
            assert isinstance(command.id, int)
        for update in protocol.receive(reply, float(number)):
            if isinstance(update, Happened):
                shown.setdefault(update.room, update.event.seq)
        protocol.due(float(number))
        if reconnecting and number % 7 == 6:
            protocol.disconnected()
            protocol.connected(replace(WELCOME, token="new"), float(number))
    msgspec.json.decode(msgspec.json.encode(protocol.resume()), type=Resume)


def test_an_answer_that_names_another_room_is_about_the_one_that_was_asked_for() -> None:
    protocol = online()
    protocol.join("tea")
    (join,) = protocol.commands(0.0)
    reply = RoomJoined(re=join.id, room="General", users=["ada"], head=3, after=0)
    moved, entered = protocol.receive(reply, 0.0)
    assert moved == RoomMoved("tea", "General")
    assert isinstance(entered, Entered)
    assert entered.room == "General"


def test_where_one_is_can_be_written_down_and_read() -> None:
    protocol = in_general()
    protocol.send(Unsent(room="General", text="hi", nonce="n"))
    protocol.commands(0.0)
    kept = protocol.resume()
    assert msgspec.json.decode(msgspec.json.encode(kept), type=Resume) == kept
    assert kept.cursors == {"General": 0}
    assert [(one.nonce, one.sent_as) for one in kept.unsent] == [("n", "ada")]


def test_the_token_is_shown_to_the_server_only_with_the_name_it_belongs_to() -> None:
    protocol = online()
    assert protocol.hello(UserName.parse("ADA"), "test").token == "secret"
    assert protocol.hello(UserName.parse("eve"), "test").token is None


def test_a_name_that_one_gave_up_can_be_had_again_and_knows_no_line_of_the_other() -> None:
    protocol = online()
    protocol.disconnected()
    protocol.hello(UserName.parse("eve"), "test")
    protocol.connected(replace(WELCOME, user="eve", token="hers"), 0.0)
    protocol.join("General")
    protocol.disconnected()
    back = protocol.hello(UserName.parse("ada"), "test")
    assert back.token == "secret"
    protocol.connected(WELCOME, 0.0)
    assert protocol.resume().token == "secret"
    protocol.disconnected()
    assert protocol.hello(UserName.parse("eve"), "test").token == "hers"


def test_lines_are_sent_without_waiting_for_each_other() -> None:
    protocol = in_general()
    for number in range(10):
        protocol.send(Unsent(room="General", text=str(number), nonce=str(number)))
    says = protocol.commands(0.0)
    assert [say.text for say in says if isinstance(say, ask.Say)] == [str(n) for n in range(10)]


def test_a_text_that_this_server_would_refuse_is_refused_here_and_not_sent() -> None:
    protocol = in_general()
    with pytest.raises(TextTooLong, match="8 lines; 7 are allowed"):
        protocol.send(Unsent(room="General", text="\n".join("x" * 8), nonce="1"))
    with pytest.raises(TextTooLong, match="4,001 characters"):
        protocol.send(Unsent(room="General", text="x" * 4001, nonce="2"))
    protocol.send(Unsent(room="General", text="\n".join("x" * 7), nonce="3"))
    assert [say.nonce for say in protocol.commands(0.0) if isinstance(say, ask.Say)] == ["3"]


def test_what_was_refused_for_the_moment_goes_again_in_its_old_place() -> None:
    protocol = in_general()
    for nonce in "abc":
        protocol.send(Unsent(room="General", text=nonce, nonce=nonce))
    refusal = RateLimited("You are too fast.", retry_after=2.0)
    held = [
        update
        for command in protocol.commands(0.0)
        for update in protocol.receive(Refused.of(refusal, command.id), 0.0)
    ]
    assert held == [Held("You are too fast.", 2.0)], "it is told once"
    assert protocol.commands(1.0) == []
    assert protocol.due(1.0) == 2.0
    again = protocol.commands(2.0)
    assert [say.nonce for say in again if isinstance(say, ask.Say)] == ["a", "b", "c"]


def test_a_full_disk_is_asked_less_and_less_often() -> None:
    protocol = in_general()
    line = protocol.send(Unsent(room="General", text="hi", nonce="n"))
    now, pauses = 0.0, []
    for _ in range(7):
        (say,) = protocol.commands(now)
        protocol.receive(Refused.of(LogUnavailable("The disk is full."), say.id), now)
        due = protocol.due(now)
        assert due is not None
        pauses.append(due - now)
        now = due
    assert pauses == [1, 2, 4, 8, 16, 30, 30]
    (say,) = protocol.commands(now)
    protocol.receive(Ack(re=say.id, room="General", seq=1, at=0, nonce="n"), now)
    assert line.state is LineState.SAVED


def test_a_room_that_does_not_let_us_in_again_is_lost_with_its_lines() -> None:
    protocol = in_general()
    line = protocol.send(Unsent(room="General", text="hi", nonce="n"))
    protocol.disconnected()
    protocol.connected(WELCOME, 1.0)
    (join,) = protocol.commands(1.0)
    refusal = TooManyRooms("You are in too many rooms.")
    (lost,) = protocol.receive(Refused.of(refusal, join.id), 1.0)
    assert isinstance(lost, RoomLost)
    assert isinstance(lost.error, TooManyRooms)
    assert line.state is LineState.FAILED
    assert protocol.resume().cursors == {}


def test_an_error_with_a_new_code_is_still_an_error_of_its_own() -> None:
    protocol = online()
    request = protocol.ask(ask.Rooms())
    (command,) = protocol.commands(0.0)
    protocol.receive(Refused(re=command.id, code="moonstruck", message="Not tonight."), 0.0)
    assert request.answer.error is not None
    assert (getattr(request.answer.error, "code", None), str(request.answer.error)) == (
        "moonstruck",
        "Not tonight.",
    )


def test_where_one_signs_on_instead_of_giving_a_password_is_told() -> None:
    protocol = online()
    request = protocol.ask(ask.Rooms())
    (command,) = protocol.commands(0.0)
    refusal = WrongPassword("Not that one.", sign_on="https://chat.example.org/sign-on")
    protocol.receive(Refused.of(refusal, command.id), 0.0)
    error = request.answer.error
    assert isinstance(error, WrongPassword)
    assert error.sign_on == "https://chat.example.org/sign-on"
    assert error.message == (
        "Not that one. Or open https://chat.example.org/sign-on in a browser, and give the code "
        "that it shows as the password."
    )


def test_typing_never_stands_in_the_way() -> None:
    protocol = in_general()
    for second in range(1000):
        protocol.typing("General")
        protocol.commands(float(second))
    protocol.send(Unsent(room="General", text="hi", nonce="n"))
    assert len(protocol.commands(1000.0)) == 1


def test_joining_a_room_that_one_is_in_is_done_at_once() -> None:
    protocol = in_general()
    again = protocol.join("general")
    assert again.done
    assert again.value is not None
    assert again.value.room == "General"


def test_who_is_in_the_room_goes_by_the_names_keys_as_on_the_server() -> None:
    protocol = in_general()
    room = protocol.rooms.get("General")
    assert room is not None
    came: list[AnyEvent] = [Joined(1, 0, "Maße"), Joined(2, 0, "Masse"), Left(3, 0, "MASSE")]
    protocol.receive(Events(room="General", events=came), 0.0)
    names = [member.name for member in room.state.members.values()]
    assert "Maße" in names
    assert "Masse" not in names


def test_two_who_want_to_join_ask_once() -> None:
    protocol = online()
    first, second = protocol.join("tea"), protocol.join("TEA")
    (join,) = protocol.commands(0.0)
    reply = RoomJoined(re=join.id, room="tea", users=["ada"], head=0, after=0)
    protocol.receive(reply, 0.0)
    assert first.value == second.value


def test_leaving_a_room_that_one_is_not_in_is_done_at_once() -> None:
    assert online().leave("tea").done


def test_a_room_that_is_left_while_offline_is_not_joined_again() -> None:
    protocol = in_general()
    protocol.disconnected()
    assert protocol.leave("General").done
    protocol.connected(WELCOME, 1.0)
    assert protocol.commands(1.0) == []


def test_a_room_with_lines_that_is_left_while_offline_is_joined_for_them() -> None:
    protocol = in_general()
    line = protocol.send(Unsent(room="General", text="bye", nonce="n"))
    protocol.disconnected()
    left = protocol.leave("General")
    protocol.connected(WELCOME, 1.0)
    (join,) = protocol.commands(1.0)
    reply = RoomJoined(re=join.id, room="General", users=["ada"], head=0, after=0)
    protocol.receive(reply, 1.0)
    (say,) = protocol.commands(1.0)
    protocol.receive(Ack(re=say.id, room="General", seq=1, at=0, nonce="n"), 1.0)
    (leave,) = protocol.commands(1.0)
    protocol.receive(replies.RoomLeft(re=leave.id, room="General"), 1.0)
    assert line.state is LineState.SAVED
    assert left.done


def test_a_room_that_cannot_be_entered_now_is_tried_later() -> None:
    protocol = online()
    entered = protocol.join("tea")
    (join,) = protocol.commands(0.0)
    protocol.receive(Refused.of(LogUnavailable("The disk is full."), join.id), 0.0)
    assert (protocol.commands(0.5), protocol.due(0.5)) == ([], 1.0)
    (again,) = protocol.commands(1.0)
    protocol.receive(RoomJoined(re=again.id, room="tea", users=[], head=0, after=0), 1.0)
    assert entered.done


def test_what_looked_like_a_line_in_one_log_is_nothing_in_another() -> None:
    """The line was seen in the old log; in the new one it is not, and is sent."""
    protocol = in_general()
    line = protocol.send(Unsent(room="General", text="hi", nonce="n"))
    protocol.commands(0.0)
    protocol.receive(Events(room="General", events=[Said(1, 0, "ada", "hi")]), 0.0)
    assert line.to_keep().seen is not None
    protocol.disconnected()
    protocol.hello(UserName.parse("ada"), "test")
    protocol.connected(replace(WELCOME, log="another"), 1.0)
    assert line.to_keep().seen is None
    (join,) = protocol.commands(1.0)
    assert isinstance(join, ask.Join)
    assert join.after is None
    protocol.receive(RoomJoined(re=join.id, room="General", users=[], head=0, after=0), 1.0)
    (say,) = protocol.commands(1.0)
    assert isinstance(say, ask.Say)
    assert say.nonce == "n"


def test_a_line_is_not_taken_for_one_that_was_there_before_it_was_sent() -> None:
    """The same words of an earlier run come with the history, after the line has gone."""
    protocol = online(Resume(user="ada", cursors={"General": 0}))
    (join,) = protocol.commands(0.0)
    protocol.receive(RoomJoined(re=join.id, room="General", users=["ada"], head=1, after=0), 0.0)
    line = protocol.send(Unsent(room="General", text="hi", nonce="n"))
    (say,) = protocol.commands(0.0)
    protocol.receive(Events(room="General", events=[Said(1, 0, "ada", "hi")]), 0.0)
    protocol.disconnected()
    protocol.connected(replace(WELCOME, token="of a new guest"), 1.0)
    (join,) = protocol.commands(1.0)
    protocol.receive(RoomJoined(re=join.id, room="General", users=["ada"], head=1, after=1), 1.0)
    assert line.state is LineState.WAITING
    (again,) = protocol.commands(1.0)
    assert isinstance(say, ask.Say)
    assert isinstance(again, ask.Say)
    assert again.nonce == say.nonce


def test_a_text_from_outside_needs_no_room() -> None:
    protocol = online()
    line = protocol.send(Unsent(room="General", text="hi", nonce="n", outside=True))
    (say,) = protocol.commands(0.0)
    assert isinstance(say, ask.Say)
    assert (say.room, say.outside) == ("General", True)
    protocol.receive(Ack(re=say.id, room="General", seq=1, at=0, nonce="n"), 0.0)
    assert line.state is LineState.SAVED
    assert protocol.resume().cursors == {}


def test_in_a_room_that_we_are_in_no_text_is_from_outside() -> None:
    protocol = in_general()
    protocol.send(Unsent(room="General", text="hi", nonce="n", outside=True))
    (say,) = protocol.commands(0.0)
    assert isinstance(say, ask.Say)
    assert not say.outside


def test_a_text_from_outside_goes_again_after_a_lost_connection_and_into_the_next_run() -> None:
    protocol = online()
    protocol.send(Unsent(room="General", text="hi", nonce="n", outside=True))
    protocol.commands(0.0)
    protocol.disconnected()
    kept = msgspec.json.decode(msgspec.json.encode(protocol.resume()), type=Resume)
    for one in (protocol, Protocol(kept)):
        one.hello(UserName.parse("ada"), "test")
        one.connected(WELCOME, 1.0)
        (say,) = one.commands(1.0)
        assert isinstance(say, ask.Say)
        assert (say.nonce, say.outside) == ("n", True)


def test_a_text_from_outside_that_the_server_may_have_and_knows_no_more_is_in_doubt() -> None:
    protocol = online()
    sent = protocol.send(Unsent(room="General", text="hi", nonce="n", outside=True))
    protocol.commands(0.0)
    protocol.disconnected()
    waiting = protocol.send(Unsent(room="General", text="ho", nonce="m", outside=True))
    protocol.connected(replace(WELCOME, token="new"), 1.0)
    assert isinstance(sent.error, InDoubt)
    assert waiting.state is LineState.WAITING
    (say,) = protocol.commands(1.0)
    assert isinstance(say, ask.Say)
    assert say.text == "ho"


def deleting(protocol: Protocol) -> tuple[Request, Command]:
    request = protocol.ask(ask.Delete(room=RoomName.parse("General")))
    (delete,) = protocol.commands(0.0)
    return request, delete


def test_a_room_that_we_have_deleted_is_left() -> None:
    protocol = in_general()
    request, delete = deleting(protocol)
    assert protocol.receive(replies.RoomDeleted(re=delete.id, room="General"), 0.0) == []
    assert request.answer.done
    with pytest.raises(NotInRoom):
        protocol.send(Unsent(room="General", text="hi", nonce="n"))
    assert protocol.commands(0.0) == []


def test_a_room_that_we_have_deleted_elsewhere_is_lost() -> None:
    protocol = in_general()
    (lost,) = protocol.receive(replies.RoomDeleted(room="General"), 0.0)
    assert isinstance(lost, RoomLost)
    assert str(lost.error) == "You have deleted General on another device."
    assert protocol.receive(replies.RoomDeleted(room="General"), 0.0) == []


def test_a_room_that_is_made_again_while_it_is_being_deleted_is_entered() -> None:
    protocol = online()
    _, delete = deleting(protocol)
    entered = protocol.join("General")
    (join,) = protocol.commands(0.0)
    protocol.receive(replies.RoomDeleted(re=delete.id, room="General"), 0.0)
    reply = RoomJoined(re=join.id, room="General", users=["ada"], head=1, after=0, new=True)
    protocol.receive(reply, 0.0)
    assert entered.value is not None
    assert entered.value.new


def test_who_is_put_out_of_a_room_asks_to_be_let_in_again() -> None:
    protocol = in_general()
    protocol.receive(replies.RoomLeft(room="General"), 0.0)
    (join,) = protocol.commands(0.0)
    assert isinstance(join, ask.Join)


def test_who_is_put_out_for_good_is_told_and_stays_out_after_a_lost_connection_too() -> None:
    protocol = in_general()
    (lost,) = protocol.receive(replies.RoomLeft(room="General", put_out=True), 0.0)
    assert isinstance(lost, RoomLost)
    assert str(lost.error) == "You were put out of General."
    assert protocol.commands(60.0) == []
    protocol.disconnected()
    protocol.connected(WELCOME, 60.0)
    assert protocol.commands(120.0) == []
    assert protocol.resume().cursors == {}


def test_another_role_on_the_server_is_known_from_when_it_is_given() -> None:
    protocol = online()
    known = [protocol.account.role]
    for profile, role in ((Profile(), Role.MODERATOR), (Profile(about="I count"), None)):
        (update,) = protocol.receive(replies.ProfileChanged(profile=profile, role=role), 1.0)
        assert update.profile == profile  # type: ignore[attr-defined]  # it is a ProfileChanged
        known.append(protocol.account.role)
    assert known == [Role.MEMBER, Role.MODERATOR, Role.MODERATOR]
