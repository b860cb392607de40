"""Where settings come from: flags before environment before settings file before defaults.

Cyclopts reads the flags; the two sources here add settings that no flag has set. All values go
through the same `Reader`, so that a wrong value is refused in one form: its name,
the value, where it came from, and what is allowed.
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Generic, NoReturn, TypeVar

from cyclopts import UNSET, App, Argument, ArgumentCollection, CycloptsError, Token

from hubbub.config.trust import distrust
from hubbub.setting.kinds import Kind, Place

FILE_NAME = "hubbub.toml"
"""The settings file that is read if it is in the current folder."""

ENVIRONMENT_PREFIX = "HUBBUB_"

NOT_SETTINGS = ("HUBBUB_USER", "HUBBUB_SERVER", "HUBBUB_CACHE", "HUBBUB_HANDOVER")
NOT_SETTINGS_BEGIN = ("HUBBUB_CHAT_", "HUBBUB_TEST_", "HUBBUB_LONG")
"""Variables of the clients, of a hand-over and of the checks, which are not settings of the server:
whole names, and prefixes of names."""

CONFIG_FLAG = "--config"

_ADDRESSES = re.compile(r"([,\s])")  # what stands between two

MAX_SHOWN_CHARS = 80  # of a wrong value in a message: enough to find it

T = TypeVar("T")


class SettingRefused(CycloptsError):
    """A setting that is not allowed; the message is for the person who starts the server."""

    def __init__(self, message: str) -> None:
        super().__init__(msg=message)


class Reader(Generic[T]):
    """Parses the value of one setting from any source."""

    def __init__(self, kind: Kind[T]) -> None:
        self.kind = kind

    def read(self, tokens: Sequence[Token]) -> T:
        """Cyclopts' converter. Raises `SettingRefused`."""
        try:
            return self.kind.parse(",".join(token.value for token in tokens))
        except ValueError as error:
            token = tokens[0]
            _refuse(token.keyword or "", token.value, token.source, self.kind, str(error))


class FromEnvironment:
    """Reads variables such as ``HUBBUB_PORT``; refuses those that are not settings."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self.environment = environment

    def __call__(self, app: App, commands: tuple[str, ...], arguments: ArgumentCollection) -> None:
        flags = {argument.name: argument for argument in _settings(arguments)}
        for name in sorted(self.environment):
            if not name.startswith(ENVIRONMENT_PREFIX):
                continue
            if name in NOT_SETTINGS or name.startswith(NOT_SETTINGS_BEGIN):
                continue
            argument = flags.get(_flag(name))
            if argument is None:
                known = [variable(flag) for flag in flags]
                raise SettingRefused(
                    f"{name} in the environment is no setting.{_nearest(name, known)}"
                )
            _give(argument, name, self.environment[name], "the environment")


class FromFile:
    """Reads the settings file: the one that ``--config`` names, or `FILE_NAME` in ``folder``."""

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder

    def __call__(self, app: App, commands: tuple[str, ...], arguments: ArgumentCollection) -> None:
        flags = {argument.name: argument for argument in _settings(arguments)}
        config = flags.pop(CONFIG_FLAG)
        path = self._path(config)
        if path is None:
            return
        for key, value in _read_toml(path).items():
            argument = flags.get(f"--{key}")
            if argument is None:
                known = [flag.removeprefix("--") for flag in flags]
                raise SettingRefused(f"{key} in {path} is no setting.{_nearest(key, known)}")
            kind = kind_of(argument)
            text = _text(value)
            if text is None:
                _refuse(key, value, str(path), kind)
            if isinstance(kind, Place) and text and not text.startswith("~"):
                text = str(path.parent / text)
            _give(argument, key, text, str(path))

    def _path(self, config: Argument) -> Path | None:
        if not config.tokens:
            found = _found_in(self.folder)
            if found is None:
                return None
            _give(config, CONFIG_FLAG, str(found), "the current folder")
        path: Path = Reader(kind_of(config)).read(config.tokens)
        return path.absolute()


def variable(flag: str) -> str:
    """The name in the environment of the setting with this flag."""
    return ENVIRONMENT_PREFIX + flag.removeprefix("--").replace("-", "_").upper()


def kind_of(argument: Argument) -> Kind[Any]:
    """The kind of value of a setting."""
    reader = argument.parameter.converter.__self__  # type: ignore[union-attr]
    assert isinstance(reader, Reader)
    return reader.kind


def chosen(arguments: ArgumentCollection, flag: str) -> tuple[Any, str]:
    """The value that a setting will have, and its source in words: "--port 80 (the default)"."""
    argument = arguments[flag]
    if argument.value is UNSET:
        value, where = argument.field_info.default, "the default"
    else:
        value, where = argument.value, _where(argument.tokens[0].source)
    return value, f"{flag} {kind_of(argument).show(value)} ({where})"


def _settings(arguments: ArgumentCollection) -> Iterable[Argument]:
    """The arguments that take a value, without the `Settings` object that contains them."""
    return (argument for argument in arguments if not argument.children)


def _flag(name: str) -> str:
    return "--" + name.removeprefix(ENVIRONMENT_PREFIX).replace("_", "-").lower()


def _give(argument: Argument, name: str, value: str, source: str) -> None:
    """Adds a value unless an earlier source gave one."""
    if not argument.tokens:
        argument.append(Token(keyword=name, value=value, source=source))


def _found_in(folder: Path | None) -> Path | None:
    """The settings file in ``folder``, or in the current one; None if there is none."""
    try:
        found = (folder or Path.cwd()) / FILE_NAME
        return found if found.is_file() else None
    except OSError as error:
        # Not ignored: the file may say who may connect.
        raise SettingRefused(
            f"Nobody can tell whether there is a {FILE_NAME} in the current folder: "
            f"{os.strerror(error.errno or 0)}. Go to another folder (cd), or name a file with "
            f"{CONFIG_FLAG}."
        ) from None


def _read_toml(path: Path) -> dict[str, Any]:
    import tomllib

    try:
        with path.open(encoding="utf-8-sig") as file:
            if why := distrust(path, os.fstat(file.fileno())):
                raise SettingRefused(why)
            return tomllib.loads(file.read())
    except OSError as error:
        raise SettingRefused(f"{path} cannot be read: {os.strerror(error.errno or 0)}.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingRefused(f"{path} is not written as TOML is: {error}.") from None


def _text(value: object) -> str | None:
    """A value of the file as it would be written in a flag; None if no setting has its type."""
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        return ",".join(value)
    # bool is a subclass of int in Python, but not a number in TOML.
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    return str(value)


def _without_password(address: str) -> str:
    """``address`` without what stands before its host: a password, or a user's name."""
    before, slashes, rest = address.partition("//")
    _, at, host = rest.rpartition("@")
    return f"{before}//…@{host}" if slashes and at else address


def _refuse(name: str, value: object, source: str, kind: Kind[Any], why: str = "") -> NoReturn:
    if isinstance(value, bool):
        shown = str(value).lower()  # as TOML has it
    else:
        shown = repr(value) if isinstance(value, str) else str(value)
        shown = "".join(map(_without_password, _ADDRESSES.split(shown)))
    if len(shown) > MAX_SHOWN_CHARS:
        shown = shown[:MAX_SHOWN_CHARS] + "…"
    reason = f"{why} " if why else ""
    raise SettingRefused(
        f"{name} cannot be {shown} ({_where(source)}). {reason}Allowed: {kind.allowed}."
    )


def _where(source: str) -> str:
    return "on the command line" if source == "cli" else f"in {source}"


def _nearest(name: str, known: Collection[str]) -> str:
    """A hint at the most similar of the ``known`` names."""
    from difflib import get_close_matches

    near = get_close_matches(name, known, n=1)
    return f" Did you mean {near[0]}?" if near else " See `hubbub serve --help` for all of them."
