from __future__ import annotations

import time
import unicodedata

import pytest

from hubbub.domain import commands as ask
from hubbub.domain import replies as told
from hubbub.domain.errors import BadMessage, TooMany
from hubbub.domain.rules import MAX_FILTER_CHARS, MAX_FILTERS, Role, Status
from hubbub.hub import filters as filtering
from hubbub.hub.filters import Matcher, check_together, matcher, parse_filter
from tests.hub.chat import Chat, Person, chatting
from tests.hub.people import SECRET, account, do, log_in, private, server_owner


async def filtered(chat: Chat, *patterns: str) -> tuple[Person, Person]:
    """Ada moderates the Lab, where that may not be said; ben is in it, too."""
    ada, ben = await account(chat, "ada", "Lab"), await account(chat, "ben", "Lab")
    for pattern in patterns:
        assert "ack" in str(await do(ada, ask.SetFilter, pattern=pattern))
    ada.news()
    ben.news()
    return ada, ben


async def says(person: Person, text: str, room: str = "Lab") -> str:
    """What becomes of a text: "said", or the code of its refusal."""
    heard = await do(person, ask.Say, room, text=text)
    refused = [one.removeprefix("error ") for one in heard if one.startswith("error")]
    return refused[0] if refused else "said"


# What fits


@pytest.mark.parametrize(
    "pattern, text, fits",
    [
        ("spam", "buy SPAM now", True),
        ("spam", "spam", True),
        ("spam", "spam!", True),
        ("spam", "spams", False),
        ("spam", "antispam", False),
        ("spam", "", False),
        ("spam*", "spammers", True),
        ("spam*", "spam", True),
        ("spam*", "antispam", False),
        ("*spam", "antispam", True),
        ("s*m", "stream", True),
        ("s*m", "s m", False),
        ("s*m*d", "spammed", True),
        ("buy now", "please buy,\nnow!", True),
        ("buy now", "buy it now", False),
        ("foo-bar", "a foo-bar", True),
        ("don't", "DON’T", True),
        ("spam", "ｓｐａｍ", True),  # full width
        ("spam", "s\u0336p\u0336a\u0336m\u0336", True),  # struck through
        ("spam", "späm", True),
        ("spam", "s\u0489p\u1ab0a\u20d0m\ufe20", True),  # marks of no language
        ("spam", "s\u2800pam", True),  # a blank
        ("/spam/", "s\u1dc0pam", True),
        ("späm", "spam", True),
        ("spam", "sp\u200bam", True),  # not seen
        ("spam", "s\u00adp\u2060a\ufeffm", True),
        ("spam", "𝓼𝓹𝓪𝓶", True),
        ("straße", "STRASSE", True),
        ("spam", "x_spam_y", True),
        ("spam", "unspammed", False),
        ("cunt", "Scunthorpe", False),
        ("ass", "a class of assistants passes", False),
        ("spam", "buy sp\u0430m now", True),  # a Cyrillic letter in it
        ("spam", "\u0455\u0440\u0430m", True),
        ("spam", "sp\u03b1m", True),  # a Greek one
        ("buy spam", "bu\u0443 spam", True),
        ("\u0441\u043f\u0430\u043c", "c\u043f\u0430\u043c", True),  # a Latin letter in it
        ("cop", "\u0441\u043e\u0440", False),  # the Russian word for litter
        ("\u0441\u043e\u0440", "cop", False),
        ("spam", "s\u1d18\u1d00\u1d0d", True),  # small capitals
        ("spam", "ⓢⓟⓐⓜ 🅂🄿🄰🄼", True),
        ("spam", "🆂🅿🅰🅼", True),
        ("tm", "Acme™", False),
        ("spam", "s\u20e0p\u1ab0a\u1dc4m\ufe20", True),  # rings and lines around it
        (r"/spam/", "xsp\u0430mx", True),
        ("спам", "СПАМ!", True),
        ("спам", "спамер", False),
        ("спам*", "спамер", True),
        ("垃圾", "我喜欢垃圾广告", True),
        ("垃圾", "垃 圾箱", True),
        ("垃圾", "圾垃", False),
        ("खराब", "यह खराब है", True),
        ("🍆", "hey 🍆🍆", True),
        (r"/a|b/", "xbx", True),
        (r"/\$\$\$/", "get $$$ now", True),
        (r"/\$\$\$/", "get $$ now", False),
        (r"/^hello$/", "hello you", False),
        (r"/BIT\.ly/", "see bit.LY/x", True),
        (r"/spam/", "ｓｐａｍ", True),
        (r"/spam/", "späm", True),
        (r"/späm/", "SPÄM", True),
        (r"/späm/", unicodedata.normalize("NFD", "späm"), True),
        (r"/한국/", "한국어", True),
        (r"/spam/", "s\u200bpam", True),
        (r"/x{10}/", "x" * 9, False),
    ],
)
def test_what_a_pattern_fits(pattern: str, text: str, fits: bool) -> None:
    assert Matcher((parse_filter(pattern),)).fits(text) is fits
    both = Matcher((parse_filter("other"), parse_filter("/o.ther/"), parse_filter(pattern)))
    assert both.fits(text) is fits


@pytest.mark.parametrize(
    "pattern, why",
    [
        ("*", "nearly every message"),
        ("a*", "nearly every message"),
        ("* *", "nearly every message"),
        ("-", "nearly every message"),
        ("$$$", "write an expression"),
        ("a+b", "write an expression"),
        ("/(/", "missing"),
        ("/(?=x)/", "RE2|invalid"),
        (r"/(a)\1/", "invalid"),
        ("/a*/", "every message"),
        ("/(a{100}){100}/", "invalid|too long"),
        ("/[a-z]{1,250}x/", "take too long"),
        ("//", "write an expression"),
        (r"/\Qa.b/", "before each sign"),
    ],
)
def test_a_bad_pattern_is_refused_with_what_to_do(pattern: str, why: str) -> None:
    with pytest.raises(BadMessage, match=why):
        parse_filter(pattern)


def test_patterns_are_bounded_together() -> None:
    words = tuple(f"word{number}" for number in range(MAX_FILTERS))
    check_together(words, "of Lab")
    with pytest.raises(TooMany, match="100 patterns of Lab"):
        check_together((*words, "more"), "of Lab")
    with pytest.raises(TooMany, match="too long together"):
        check_together(("/.{0,60}x/",) * 20, "of Lab")
    longest = tuple(chr(0x4E00 + at) * MAX_FILTER_CHARS for at in range(MAX_FILTERS))
    check_together(longest, "of Lab")
    assert matcher(longest).fits(longest[-1])


@pytest.mark.parametrize(
    "pattern", ["/(x+x+)+y/", "/(a|b)*a(a|b){60}c/", "/((a{0,10}){0,10})c/", "s*p*a*m*a*a*a*a*b"]
)
def test_no_pattern_takes_long(pattern: str) -> None:
    found = Matcher((parse_filter(pattern),))
    disguised = ("s\u0430" * 2000, "a" * 3999 + "\u0430", "s\u0430m " * 1000, "🆂" * 4000)
    found.fits("s\u0430")  # the tables are made by then
    for text in ("x" * 4000, "ab" * 2000, "a" * 4000, "spam" * 1000, *disguised):
        # The shortest of some: the processor of a busy machine has cold caches, or is throttled.
        assert min(took(found, text) for _ in range(5)) < 0.05


def took(found: Matcher, text: str) -> float:
    """Seconds of the processor that a text costs."""
    began = time.process_time()
    found.fits(text)
    return time.process_time() - began


def test_filters_are_compiled_once_and_no_more_than_a_bounded_number_is_kept() -> None:
    assert matcher(("spam", "ham")) is matcher(("spam", "ham"))
    assert matcher.cache_info().maxsize == filtering.KEPT


# Who may say what


async def test_what_fits_is_refused_and_says_where(chat: Chat) -> None:
    ada, ben = await filtered(chat, "spam*")
    assert await says(ben, "SPAMMER!") == "filtered"
    refused = ben.last(told.Refused).message
    assert "Lab" in refused
    assert "spam" not in refused.lower()
    assert await do(ben, ask.SetTopic, topic="spam here") == ["error filtered"]
    assert await do(ben, ask.Say, text="spam", outside=True) == ["error filtered"]
    assert await says(ben, "ham") == "said"
    assert await says(ada, "spam is what we do not want") == "said"  # who moderates may
    assert "error" not in str(await do(ada, ask.SetTopic, topic="no spam"))


async def test_a_filter_is_taken_back_however_it_is_written(chat: Chat) -> None:
    ada, ben = await filtered(chat, "spam  now", "/a.b/")
    await do(ada, ask.Bans)
    assert ada.last(told.BanList).filters == ["spam now", "/a.b/"]
    assert await do(ada, ask.SetFilter, pattern="ham", on=False) == ["error bad-message"]
    for pattern in ("Spam now", "/a.b/"):
        assert "ack" in str(await do(ada, ask.SetFilter, pattern=pattern, on=False))
    await do(ada, ask.Bans)
    assert ada.last(told.BanList).filters == ()
    assert await says(ben, "spam now a-b") == "said"


async def test_as_many_filters_as_may_be(chat: Chat, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(filtering, "MAX_FILTERS", 1)
    ada, _ = await filtered(chat, "spam")
    assert await do(ada, ask.SetFilter, pattern="ham") == ["error too-many"]
    assert "ack" in str(await do(ada, ask.SetFilter, pattern="SPAM"))  # it is there


async def test_filters_of_the_server_hold_everywhere(chat: Chat) -> None:
    root = await server_owner(chat, "root", "Hall")
    ada, ben = await account(chat, "ada", "Lab"), await account(chat, "ben", "Lab")
    await private(chat, ada, ben)
    assert "ack" in str(await do(root, ask.SetFilter, "/server", pattern="spam"))
    for person in (ada, ben):  # who owns a room does not own the server
        assert await says(person, "spam") == "filtered"
        assert "this server" in person.last(told.Refused).message
    assert await do(ada, ask.Say, "New", text="spam", outside=True) == ["error filtered"]
    assert "new" not in chat.hub.rooms
    assert await says(root, "no spam please", "Hall") == "said"
    async with chatting(disk=chat.log.disk) as later:
        again = await log_in(later, "ada", "Lab")
        assert await says(again, "spam") == "filtered"
        root = await log_in(later, "root")
        await do(root, ask.SetFilter, "/server", pattern="spam", on=False)
        assert await says(again, "spam") == "said"


async def test_filters_of_the_server_hold_for_names(chat: Chat) -> None:
    root, ben = await server_owner(chat, "root"), await account(chat, "ben", "Lab")
    await do(root, ask.SetFilter, "/server", pattern="spam")
    guest = chat.connect()
    assert await do(guest, ask.Hello, user="buy_sp\u0430m") == ["error invalid-name"]
    assert await do(guest, ask.Register, user="spam", password=SECRET) == ["error invalid-name"]
    assert await do(guest, ask.Hello, user="spammer") == ["welcome spammer"]
    assert await do(ben, ask.Rename, user="spam") == ["error invalid-name"]
    assert await do(ben, ask.RenameRoom, name="all-spam") == ["error invalid-name"]
    assert await do(ben, ask.Join, "spam") == ["error invalid-name"]
    assert await do(ben, ask.Say, "spam", text="hi", outside=True) == ["error invalid-name"]
    assert "error" not in str(await do(root, ask.Join, "spam"))
    assert "error" not in str(await do(ben, ask.Join, "spam")), "it is there"


async def test_filters_of_the_server_hold_for_what_people_say_of_themselves(chat: Chat) -> None:
    root, ben = await server_owner(chat, "root"), await account(chat, "ben")
    await do(root, ask.SetFilter, "/server", pattern="spam")
    for said in ({"about": "I sell spam"}, {"status": Status.AWAY, "note": "spam"}):
        assert await do(ben, ask.SetProfile, **said) == ["error filtered"]
    assert "error" not in str(await do(ben, ask.SetProfile, about="I sell ham"))
    assert "error" not in str(await do(root, ask.SetProfile, about="No spam, please"))


async def test_a_direct_conversation_is_nobody_elses(chat: Chat) -> None:
    root, ada, ben = (
        await server_owner(chat),
        await account(chat, "ada"),
        await account(chat, "ben"),
    )
    await do(root, ask.SetFilter, "/server", pattern="spam")
    await do(ada, ask.Direct, users=("ben",))
    room = ada.last(told.DirectRoom).room
    for person in (ada, ben):
        await do(person, ask.Join, room)
        assert await says(person, "is this spam?", room) == "said"
        assert await do(person, ask.SetFilter, room, pattern="ham") == ["error not-allowed"]


async def test_what_was_said_before_the_filter_is_acknowledged_again(chat: Chat) -> None:
    ada, ben = await filtered(chat)
    await do(ben, ask.Say, text="spam", nonce="1")
    first = ben.last(told.Ack)
    await do(ada, ask.SetFilter, pattern="spam")
    assert await do(ben, ask.Say, text="spam", nonce="1") == [f"ack Lab {first.seq} 1"]
    assert await do(ben, ask.Say, text="spam", nonce="2") == ["error filtered 2"]


async def test_moderators_set_them_and_nobody_else(chat: Chat) -> None:
    ada, ben = await filtered(chat)
    assert await do(ben, ask.SetFilter, pattern="spam") == ["error not-allowed"]
    await do(ada, ask.GiveRole, user="ben", role=Role.MODERATOR)
    assert "ack" in str(await do(ben, ask.SetFilter, pattern="spam"))
    assert await do(ben, ask.SetFilter, pattern="/(/") == ["error bad-message"]


async def test_rooms_without_filters_have_no_work(
    chat: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, ben = await filtered(chat)
    monkeypatch.setattr(filtering, "matcher", None)
    assert not chat.hub.rooms["lab"].watched
    assert await says(ben, "spam") == "said"
