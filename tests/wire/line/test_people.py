"""Second factor, links, profiles and what waits for moderators in lines: whole and byte by byte."""

from __future__ import annotations

import pytest

from hubbub.domain.errors import NeedInvitation
from hubbub.domain.events import AnyEvent, Quote, Said
from hubbub.domain.names import RoomName
from hubbub.domain.replies import (
    Announced,
    BanList,
    Limits,
    Members,
    Person,
    Presence,
    ProfileChanged,
    QueueList,
    Refused,
    RoomJoined,
    RoomStanding,
    Standing,
    TicketList,
    Welcome,
)
from hubbub.domain.rules import (
    HistoryFor,
    Newcomers,
    Profile,
    Queued,
    QueueItem,
    Role,
    Status,
)
from hubbub.domain.sentences import TAKEN_AWAY
from hubbub.wire.line import LineFormat, LineWire
from hubbub.wire.line.asking import CHANGED, FACTOR_OFF, RESET, THIRD_WRONG, UNCHANGED, UNLIKE, Ask
from hubbub.wire.line.codec import NOTHING, TOLD
from hubbub.wire.line.format import MOST_AWAY
from hubbub.wire.line.lines import LineReader
from hubbub.wire.line.telnet import HIDE, SHOW
from tests.wire.line.talk import CODE, FORMATS, MAX_LINE, PASSWORD, TICKET, TIME, WRONG, Talk
from tests.wire.line.test_accounts import NOT_YOURS
from tests.wire.line.test_conversation import (
    ASK_NAME,
    ENTERED,
    HEARD,
    IN,
    ROOMS,
    entered,
    said,
)

OFFER = [
    "Let an app for codes on your phone scan this:",
    *("█▀", "▄ "),
    "Or give it",
    "  this address: otpauth://totp/ada",
    "  or this secret: ABCD EFGH IJ",
    Ask.CONFIRM.value,
]
RECOVERY = [
    "Your second factor is on: whoever logs in as you is asked for a code of the app, too.",
    "Each of these codes lets you in once without it. They are shown only now; keep them:",
    "  k3vt-2mzq",
    "  7xbn-hdw5",
]
CHOOSE = "A new password for lovelace, with 8 characters or more:"
AGAIN = Ask.RESET_AGAIN.value
REGISTER = Ask.REGISTER.value
DOOR = [
    "This server is for people with an account.",
    "To make an account member, choose a password with 8 characters or more:",
]
INVITED = ["One needs an invitation.", Ask.INVITATION.value]

CONVERSATIONS: list[tuple[str, list[str], list[str]]] = [
    # A second factor
    (
        IN + f"/factor\n{PASSWORD}\n1\n{CODE}\nhello\n",
        [
            *(*ENTERED, "ping", f"factor {PASSWORD}", "confirm-factor 1", f"confirm-factor {CODE}"),
            "say General: hello",
        ],
        [
            *(*HEARD, Ask.FACTOR.value, *OFFER, "That is not the code.", Ask.CONFIRM.value),
            *(*RECOVERY, said("hello")),
        ],
    ),
    (
        IN + f"/mfa\nwrong\n/factor\n{PASSWORD}\n\nhello\n",
        [
            *(*ENTERED, "ping", "factor wrong", "ping", f"factor {PASSWORD}", "ping"),
            "say General: hello",
        ],
        [
            *(*HEARD, Ask.FACTOR.value, WRONG, *[Ask.FACTOR.value] * 2),
            *(*OFFER, UNCHANGED, said("hello")),
        ],
    ),
    # A secret that was mistyped is asked for again: what is typed then is said to nobody
    (
        IN + f"/factor\nwrong\n{PASSWORD}\n\nhello\n",
        [
            *(*ENTERED, "ping", "factor wrong", f"factor {PASSWORD}", "ping"),
            "say General: hello",
        ],
        [
            *(*HEARD, Ask.FACTOR.value, WRONG, Ask.FACTOR.value),
            *(*OFFER, UNCHANGED, said("hello")),
        ],
    ),
    (
        IN + f"/factor off\nwrong\n{PASSWORD}\nhello\n",
        [
            *(*ENTERED, "ping", "end-factor wrong", f"end-factor {PASSWORD}"),
            "say General: hello",
        ],
        [
            *(*HEARD, Ask.FACTOR_OFF.value, WRONG, Ask.FACTOR_OFF.value),
            *(FACTOR_OFF, said("hello")),
        ],
    ),
    (
        IN + f"/register\nweak\n{PASSWORD}\nhello\n",
        [*ENTERED, "ping", "register weak", f"register {PASSWORD}", "say General: hello"],
        [
            *(*HEARD, Ask.REGISTER.value, "Too easy.", Ask.REGISTER.value),
            *("You have an account now. When you come back as ada, give your password.",),
            said("hello"),
        ],
    ),
    (
        IN + f"/password\nwrong\nnew one\n{PASSWORD}\nweak\nnew one\nhello\n",
        [
            *(*ENTERED, "ping", "ping", "password wrong new one", "ping"),
            *(f"password {PASSWORD} weak", f"password {PASSWORD} new one"),
            "say General: hello",
        ],
        [
            *(*HEARD, Ask.OLD.value, Ask.NEW.value, WRONG, Ask.OLD.value, Ask.NEW.value),
            *("Too easy.", Ask.NEW.value, CHANGED, said("hello")),
        ],
    ),
    (
        IN + f"/join Lab\nno\n{PASSWORD}\nhello\n",
        [
            *(*ENTERED, "join Lab", "join Lab with no", f"join Lab with {PASSWORD}"),
            *("leave General", "say Lab: hello"),
        ],
        [
            *(*HEARD, "Password of the room Lab:", WRONG, "Password of the room Lab:"),
            *("Welcome to room Lab!", said("hello")),
        ],
    ),
    (
        IN + f"/close-account\nwrong\n{PASSWORD}\n",
        [*ENTERED, "ping", "close-account wrong", f"close-account {PASSWORD}"],
        [
            *(*HEARD, Ask.CLOSE.value, WRONG, Ask.CLOSE.value),
            "Your account is closed. Goodbye.",
        ],
    ),
    (
        IN + f"/factor off\n{PASSWORD}\n/factor never\n",
        [*ENTERED, "ping", f"end-factor {PASSWORD}"],
        [
            *(*HEARD, Ask.FACTOR_OFF.value, FACTOR_OFF),
            "Type /factor to turn your second factor on, /factor off to end it.",
        ],
    ),
    # A new password by a link
    (
        f"/reset lovelace {TICKET}\n{PASSWORD}\n{PASSWORD}\nlovelace\n{PASSWORD}\n",
        [
            *("ping", "ping", f"reset lovelace {TICKET} {PASSWORD}"),
            *("hello lovelace", f"hello lovelace with {PASSWORD}", "rooms"),
        ],
        [CHOOSE, AGAIN, RESET, ASK_NAME, NOT_YOURS, "Password for lovelace:", *ROOMS],
    ),
    (
        f"lovelace\n/reset lovelace {TICKET}\n12345678\n12345678\n{PASSWORD}\nx\n\nada\n",
        [
            *("hello lovelace", "ping", "ping", f"reset lovelace {TICKET} 12345678"),
            *("ping", "ping", "ping", "hello ada", "rooms"),
        ],
        [
            *(NOT_YOURS, "Password for lovelace:", CHOOSE, AGAIN, "Too easy.", CHOOSE),
            *(AGAIN, UNLIKE, CHOOSE, ASK_NAME, *ROOMS),
        ],
    ),
    (
        IN + f"/reset @lovelace wrong\n{PASSWORD}\n{PASSWORD}\nhello\n/reset lovelace\n",
        [
            *(*ENTERED, "ping", "ping", f"reset lovelace wrong {PASSWORD}"),
            "say General: hello",
        ],
        [
            *(*HEARD, CHOOSE, AGAIN, "That is no good.", said("hello")),
            "For which account, and what is the code? Type: /reset NAME CODE",
        ],
    ),
    # An account by invitation
    (
        f"member\n{PASSWORD}\nwrong\n{TICKET}\nGeneral\n",
        [
            *("hello member", f"register {PASSWORD} member", f"register {PASSWORD} member wrong"),
            *(f"register {PASSWORD} member {TICKET}", "rooms", "join General"),
        ],
        [
            *(*DOOR, *INVITED, "That is no good.", Ask.INVITATION.value, *ROOMS),
            "Welcome to room General!",
        ],
    ),
    (
        f"member\n{PASSWORD}\n\nada\n",
        ["hello member", f"register {PASSWORD} member", "ping", "hello ada", "rooms"],
        [*DOOR, *INVITED, ASK_NAME, *ROOMS],
    ),
    # Links
    (
        IN + "/link 3 7d\n/links\n/unlink 5f3a\n/server link\n/server links\n",
        [
            *(*ENTERED, "make-ticket General 3 604800", "tickets General"),
            *("end-ticket General 5f3a", "make-ticket /server", "tickets /server"),
        ],
        [
            *HEARD,
            f"This invites to General, 3 times until {TIME}. It is shown only now.",
            f"  {TICKET}",
            "In a browser: the address of this server, and behind it "
            f"#?room=General&invite={TICKET}",
            f"In lines and in a terminal: /join General {TICKET}",
            "Links into General:",
            f"  5f3a  by ada, 3 times until {TIME}",
            "  77aa  by ben, a new password of eve, once",
            "To end one: /unlink and what stands before it.",
            TOLD["unlink"],
            "This invites to this server, once. It is shown only now.",
            f"  {TICKET}",
            f"In a browser: the address of this server, and behind it #?invite={TICKET}",
            "In lines and in a terminal: /register, which asks for the code",
            "There is no link to this server. To make one: /link",
        ],
    ),
    (
        "ada\n/reset-link eve\n/reset-link eve factor\n",
        ["hello ada", "rooms", "make-ticket /server eve", "make-ticket /server eve True"],
        [
            *ROOMS,
            "With this code eve chooses a new password, once. It is shown only now.",
            f"  {TICKET}",
            f"In a browser: the address of this server, and behind it #?user=eve&reset={TICKET}",
            f"In lines and in a terminal: /reset eve {TICKET}",
            "With this code eve chooses a new password, once. It also ends the second factor. "
            "It is shown only now.",
            f"  {TICKET}",
            f"In a browser: the address of this server, and behind it #?user=eve&reset={TICKET}",
            f"In lines and in a terminal: /reset eve {TICKET}",
        ],
    ),
    (
        f"ada\nhttp://127.0.0.1/#?room=Tea&invite={TICKET}\n/join #?room=Lab&invite={TICKET}\n",
        ["hello ada", "rooms", f"join Tea {TICKET}", f"join Lab {TICKET}", "leave Tea"],
        [*ROOMS, "Welcome to room Tea!", "Welcome to room Lab!"],
    ),
    # Oneself
    (
        IN + "/strangers off\n/strangers on\n/strangers some\n",
        [*ENTERED, "profile True", "profile False"],
        [
            *HEARD,
            "Guests write to you alone no more, until you write to them.",
            "Guests may write to you alone.",
            "May guests begin to write to you alone? Type /strangers on or /strangers off.",
        ],
    ),
    (
        IN + "/about tea and trains\n/about -\n/about\n/seen off\n/seen on\n",
        [
            *(*ENTERED, "profile tea and trains", "profile ", "profile True", "profile False"),
        ],
        [
            *(*HEARD, TOLD["about"], TOLD["about"]),
            "Type /about and a line about you, or /about - to take it away.",
            "Nobody is told any more when you were here last.",
            "Others may be told when you were here last.",
        ],
    ),
    (
        IN + "/away lunch\n/dnd\n/back\n/block Eve\n/unblock eve\n/whois eve\n",
        [
            *(*ENTERED, "profile away lunch", "profile busy ", "profile here "),
            *("block Eve", "block eve False", "whois eve"),
        ],
        [
            *(*HEARD, TOLD["away"], TOLD["busy"], TOLD["back"], TOLD["block"], TOLD["unblock"]),
            *("eve:", "  Not here now", "  A guest, without an account"),
        ],
    ),
    # Moderators
    (
        IN + "/report @eve it is spam\n/knock Lab please\n/queue\n/approve 4\n/refuse #4\n",
        [
            *(*ENTERED, "report General eve it is spam", "knock Lab please", "queue General"),
            *("settle General 4 True", "settle General 4"),
        ],
        [
            *(*HEARD, TOLD["report"], TOLD["knock"]),
            "1 thing waits in General. To decide: /approve and the number, or /refuse.",
            f"  4  [{TIME}] eve wants to come in",
            *(TOLD["approve"], TOLD["refuse"]),
        ],
    ),
    (
        IN + "/filter\n/filter spam*\n/unfilter spam*\n/past since\n/newcomers held\n"
        "/uninvite eve\n",
        [
            *(*ENTERED, "bans General", "filter General spam*", "filter General spam* False"),
            *("rules General since", "rules General held", "end-invitation General eve"),
        ],
        [*HEARD, "Every word may be said in General."],
    ),
    (
        IN + f"/close-account empty\n{PASSWORD}\n",
        [*ENTERED, "ping", f"close-account {PASSWORD} True"],
        [*HEARD, Ask.EMPTY.value, "Your account is closed. Goodbye."],
    ),
    (
        IN + "/close-account now\n",
        ENTERED,
        [
            *HEARD,
            "Type /close-account to end your account, or /close-account empty to take away all "
            "that you said, too.",
        ],
    ),
]


@pytest.mark.parametrize("sent, commands, heard", CONVERSATIONS)
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r\0"], ids=["lf", "crlf", "crnul"])
def test_a_conversation_is_the_same_whole_and_byte_by_byte(
    newline: str, sent: str, commands: list[str], heard: list[str]
) -> None:
    data = sent.replace("\n", newline).encode()
    whole = Talk.of(data)
    assert whole.commands == commands
    assert whole.lines == heard
    cut = Talk.of(*(bytes([byte]) for byte in data))
    assert (cut.commands, cut.heard) == (commands, whole.heard)


@pytest.mark.parametrize("sent, commands, heard", CONVERSATIONS)
def test_no_password_is_ever_shown(sent: str, commands: list[str], heard: list[str]) -> None:
    assert PASSWORD not in Talk.of(sent.encode()).heard.decode()


@pytest.mark.parametrize("sent, commands, heard", CONVERSATIONS)
def test_telnet_shows_nothing_while_a_secret_is_asked_for_and_all_after_it(
    sent: str, commands: list[str], heard: list[str]
) -> None:
    talk = Talk.of(b"\xff\xfd\x03", *(f"{line}\r\n".encode() for line in sent.splitlines()))
    asked = talk.wire._aside.question is not None
    assert talk.heard.count(HIDE) - talk.heard.count(SHOW) == asked
    assert talk.heard.replace(HIDE, b"").replace(SHOW, b"").decode().splitlines() == heard


def test_an_invitation_is_asked_for_also_when_the_password_came_with_the_command() -> None:
    talk = Talk.of(b"member\n/login\nada\n")
    assert talk.commands[-1] == "rooms"
    wire = LineWire(FORMATS, LineReader(MAX_LINE))
    wire.receive(f"ada\n/register {PASSWORD}\n".encode())
    assert wire.next_command() is not None
    wire.reply(welcome(None))
    assert [type(wire.next_command()).__name__ for _ in range(2)] == ["Rooms", "Register"]
    told = wire.reply(Refused.of(NeedInvitation("One needs an invitation."))).decode()
    assert told.splitlines() == INVITED
    wire.receive(f"{TICKET}\n".encode())
    register = wire.next_command()
    assert register is not None
    assert (register.password, register.invite) == (PASSWORD, TICKET)  # type: ignore[attr-defined]


def test_a_wrong_code_of_a_login_still_counts_as_a_wrong_try() -> None:
    talk = Talk.of(f"/login careful\n{PASSWORD}\n1\n2\n3\n".encode())
    assert talk.lines[-1] == THIRD_WRONG


def test_who_has_used_all_of_it_is_remembered_nothing_of() -> None:
    sent = f"{IN}/factor\n{PASSWORD}\n{CODE}\n/reset lovelace {TICKET}\n{PASSWORD}\n{PASSWORD}\n"
    assert Talk.of(sent.encode()).wire._aside is NOTHING


# Who comes in, and what waits


def welcome(profile: Profile | None) -> Welcome:
    limits = Limits(text=4000, line=MAX_LINE, rate=0, burst=1, rooms=2, history=200)
    return Welcome(user="ada", server="Hubbub", log="0", limits=limits, profile=profile)


@pytest.mark.parametrize(
    "profile, lines",
    [
        (None, []),
        (Profile(about="tea", note="old"), []),
        (Profile(status=Status.AWAY), ["You are shown as away. To end it: /back"]),
        (Profile(status=Status.BUSY, note="x\x1b"), ["You are shown as busy: x␛ To end it: /back"]),
    ],
)
def test_who_comes_in_is_reminded_of_being_away(profile: Profile | None, lines: list[str]) -> None:
    wire = LineWire(FORMATS, LineReader(MAX_LINE))
    wire.receive(b"ada\n")
    wire.next_command()
    assert wire.reply(welcome(profile)).decode().splitlines() == lines
    assert wire.reply(ProfileChanged(profile=Profile())) == b""


def standing(waiting: int) -> Standing:
    return Standing(role=Role.MODERATOR, owned=True, waiting=waiting)


def test_moderators_are_told_of_what_waits_when_they_come_and_when_more_does() -> None:
    wire = LineWire(FORMATS, LineReader(MAX_LINE))
    wire.receive(b"ada\n")
    wire.next_command()
    wire.reply(welcome(None))

    def now(waiting: int, room: str = "general") -> str:
        return wire.reply(RoomStanding(room=room, standing=standing(waiting))).decode()

    joined = RoomJoined(room="General", users=["ada"], head=9, after=9, standing=standing(2))
    assert wire.reply(joined).decode().splitlines() == [
        "Welcome to room General!",
        "2 things wait for you: /queue",
    ]
    assert now(2) == ""
    assert now(1) == ""
    assert now(9, "Tea") == ""
    assert now(2) == "2 things wait for you: /queue\n"
    assert now(0) == ""
    assert now(1) == "1 thing waits for you: /queue\n"
    assert now(0) == ""
    assert wire._aside is NOTHING


def test_what_waits_is_listed_with_numbers_and_whole_texts() -> None:
    items = [
        QueueItem(4, Queued.KNOCK, 0, "eve", text="let me in\x1b"),
        QueueItem(5, Queued.HELD, 0, "joe", text="buy\nthis"),
        QueueItem(7, Queued.REPORT, 0, "ben", text="you", about=3, user="joe", reason="rude"),
        QueueItem(8, Queued.REPORT, 0, "ben", about=3, user="joe"),
    ]
    assert entered().reply(QueueList(room="Lab", items=items)).decode().splitlines() == [
        "4 things wait in Lab. To decide: /approve and the number, or /refuse.",
        f"  4  [{TIME}] eve wants to come in",
        "       let me in␛",
        f"  5  [{TIME}] joe is new here, and wrote:",
        "       buy",
        "       this",
        f"  7  [{TIME}] ben reports a message of joe: rude",
        "       you",
        f"  8  [{TIME}] ben reports a message of joe",
        f"       {TAKEN_AWAY}",
    ]
    assert entered().reply(QueueList(room="Lab", items=[])) == b"Nothing waits in Lab.\n"


# People


def presence(user: str, status: Status, note: str = "", **more: object) -> Presence:
    return Presence(**{"room": "General", "user": user, "status": status, "note": note} | more)  # type: ignore[arg-type]


def test_it_is_told_who_is_away_or_busy_and_that_they_are_back() -> None:
    told = LineFormat(lambda at: TIME).notice
    assert told(presence("ben", Status.HERE)) == b""
    assert told(presence("ben", Status.AWAY)) == b"ben is away.\n"
    assert told(presence("ben", Status.AWAY)) == b"", "they have connected again"
    assert told(presence("ben", Status.BUSY, "exam\x1b")).decode() == (
        "ben is busy, and not to be disturbed: exam\u241b\n"
    )
    assert told(presence("ben", Status.HERE, room="Tea")) == b""
    assert told(presence("ben", Status.AWAY, room="@x1")) == b""
    assert told(presence("ben", Status.BUSY, here=False)) == b""
    assert told(presence("ben", Status.HERE)) == b"ben is back.\n"
    assert told(presence("ben", Status.HERE)) == b""


def test_it_is_remembered_of_a_bounded_number_that_they_are_away() -> None:
    shown = LineFormat(lambda at: TIME, "\r\n")
    for number in range(MOST_AWAY + 5):
        shown.notice(presence(f"p{number}", Status.AWAY))
    assert shown.notice(presence("p4", Status.HERE)) == b""
    assert shown.notice(presence("p5", Status.HERE)) == b"p5 is back.\r\n"


def test_who_is_there_is_listed_with_who_is_away_or_busy() -> None:
    who = Members(
        room="Lab",
        users=["ada", "ben", "eve", "joe"],
        roles={"ada": Role.OWNER},
        away=["ben", "eve"],
        status={"ada": Status.BUSY, "ben": Status.AWAY, "eve": Status.BUSY},
    )
    assert entered().reply(who).decode() == (
        "In Lab (4 users): ada (owner, busy), ben (away), eve (away, busy), joe\n"
    )


def test_a_long_list_of_people_has_lines_that_can_be_read() -> None:
    users = [f"student-{number:03}" for number in range(60)]
    who = Members(room="Lab", users=users, roles={"student-005": Role.OWNER}, topic="Exams")
    header, *lines, topic = entered().reply(who).decode().splitlines()
    assert (header, topic) == ("In Lab (60 users):", "Topic: Exams")
    assert max(map(len, lines)) <= 80
    assert len(lines) < 15
    listed = ", ".join(line.strip().removesuffix(",") for line in lines)
    assert listed == ", ".join(users).replace("student-005", "student-005 (owner)")


@pytest.mark.parametrize(
    "person, lines",
    [
        (
            Person(
                user="ben",
                here=True,
                account=True,
                registered=5,
                about="tea",
                status=Status.BUSY,
                note="exam",
                role=Role.OWNER,
            ),
            [
                "tea",
                "Here now, and busy, and not to be disturbed: exam",
                f"Has an account since {TIME}",
                "Owns this server",
            ],
        ),
        (
            Person(user="ben", account=True, seen=5, status=Status.AWAY, role=Role.MODERATOR),
            [
                f"Not here now, and was last {TIME}; away",
                "Has an account",
                "Administers this server",
            ],
        ),
        (Person(user="ben", here=True), ["Here now", "A guest, without an account"]),
    ],
)
def test_what_is_known_of_somebody_is_told_in_words(person: Person, lines: list[str]) -> None:
    told = entered().reply(person).decode().splitlines()
    assert told == ["ben:", *(f"  {line}" for line in lines)]


# Rooms


def test_what_everybody_is_told_is_a_line() -> None:
    told = entered().reply(Announced(by="root", text="We close at noon.")).decode()
    assert told == "root tells everybody: We close at noon.\n"


def test_filters_and_invitations_are_told_with_the_bans() -> None:
    found = BanList(room="Lab", bans=[], filters=["spam*", "/a|b/"], invited=["eve", "joe"])
    assert entered().reply(found).decode().splitlines() == [
        "Nobody is banned or muted in Lab.",
        "Invited, and not come in yet in Lab: eve, joe",
        "May not be said in Lab:",
        "  spam*",
        "  /a|b/",
    ]
    wire = entered()
    wire.receive(b"/filter\n")
    command = wire.next_command()
    assert command is not None
    found = BanList(re=command.id, room="Lab", bans=[], filters=["spam*"])
    assert wire.reply(found).decode().splitlines() == ["May not be said in Lab:", "  spam*"]


def test_the_rules_tell_of_newcomers_and_of_the_past() -> None:
    holds = Standing(history=HistoryFor.SINCE, newcomers=Newcomers.HELD, newcomer=True)
    wire = entered()
    wire.receive(b"/rules\n")
    command = wire.next_command()
    assert command is not None
    joined = RoomJoined(re=command.id, room="Lab", users=["ada"], head=9, after=9, standing=holds)
    assert wire.reply(joined).decode().splitlines() == [
        "What holds in Lab:",
        "  Everybody may come in and read.",
        "  Everybody in it may speak.",
        "  Who comes in reads only what is said from then on.",
        "  What newcomers say waits until a moderator has let the first through.",
        "  Nobody owns it.",
        "  You are nobody in particular here.",
        "  You are a newcomer.",
    ]


def test_a_link_list_of_a_room_without_links_says_how_to_make_one() -> None:
    assert entered().reply(TicketList(room="Lab", tickets=[])) == (
        b"There is no link into Lab. To make one: /link\n"
    )


def test_a_message_that_was_taken_away_says_so_and_so_does_its_quote() -> None:
    events: list[AnyEvent] = [
        Said(2, 7, "former member", ""),
        Said(3, 8, "ben", "yes", 2, Quote("former member", "")),
    ]
    assert FORMATS[0].events(RoomName.parse("Lab"), events).decode().splitlines() == [
        f"[{TIME}] former member: {TAKEN_AWAY}",
        f"[{TIME}] ben: > former member: {TAKEN_AWAY}",
        f"[{TIME}] ben: yes",
    ]
