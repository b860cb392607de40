"""Settings: where they come from, which one counts, and what is said of a wrong one."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import MISSING, asdict, fields, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, get_type_hints

import pytest
from cyclopts import App, CycloptsError

from hubbub.config import FromEnvironment, FromFile, Settings
from hubbub.config.settings import default_data_folder, setting_of
from hubbub.hub.settings import ALL_HISTORY, HubSettings
from hubbub.server.options import Options
from hubbub.setting.kinds import Kind
from tests.unprivileged import give_away
from tools.settings_table import table

DOCUMENT = Path(__file__).parents[1] / "docs" / "configuration.md"
HOSTING = DOCUMENT.with_name("hosting.md")


def read(
    *flags: str, folder: Path = Path("/nowhere"), environment: Mapping[str, str] | None = None
) -> Settings:
    """The settings of a start with these flags, environment and current folder."""

    def keep(settings: Settings = Settings()) -> Settings:  # noqa: B008  # frozen
        return settings

    app = App(
        default_command=keep,
        config=(FromEnvironment(environment or {}), FromFile(folder)),
        result_action="return_value",
        exit_on_error=False,
        print_error=False,
    )
    settings = app(flags)
    assert isinstance(settings, Settings)
    return settings


def refusal(*flags: str, **sources: Any) -> str:
    """What is said of a wrong setting."""
    with pytest.raises(CycloptsError) as caught:
        read(*flags, **sources)
    return str(caught.value)


def kinds() -> dict[str, Kind[Any]]:
    hints = get_type_hints(Settings, include_extras=True)
    return {name: setting_of(hint).kind for name, hint in hints.items()}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


def write(folder: Path, text: str) -> Path:
    path = folder / "hubbub.toml"
    path.write_text(text)
    return path


# Which one counts


def test_without_any_source_the_defaults_count() -> None:
    assert read() == Settings()


def test_a_flag_counts_before_the_environment_before_the_file_before_the_default(
    folder: Path,
) -> None:
    write(folder, "port = 1\nrooms = 1\nsessions = 1")
    environment = {"HUBBUB_PORT": "2", "HUBBUB_ROOMS": "2"}
    settings = read("--port", "3", folder=folder, environment=environment)
    assert (settings.port, settings.rooms, settings.sessions) == (3, 2, 1)
    assert settings.rate_limit == Settings().rate_limit


def test_a_wrong_value_that_does_not_count_is_not_asked_for(folder: Path) -> None:
    write(folder, "port = 'nonsense'")
    assert read("--port", "3", folder=folder).port == 3


def test_the_file_in_the_current_folder_is_read_by_itself(folder: Path) -> None:
    path = write(folder, "port = 1")
    assert read(folder=folder).config == path


def test_config_names_another_file_by_flag_or_environment(folder: Path) -> None:
    write(folder, "port = 1")
    other = folder / "other.toml"
    other.write_text("port = 2")
    assert read("--config", str(other), folder=folder).port == 2
    assert read(folder=folder, environment={"HUBBUB_CONFIG": str(other)}).port == 2


def test_a_path_in_the_file_is_seen_from_the_file(folder: Path) -> None:
    (folder / "etc").mkdir()
    path = write(folder / "etc", "data = '../store'")
    data = read("--config", str(path)).data
    assert data is not None
    assert data.resolve() == folder / "store"


def test_the_home_folder_can_be_written_as_a_tilde(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(folder))
    write(folder, "data = '~/store'")
    assert read(folder=folder).data == folder / "store"
    assert read("--data", "~/flagged").data == folder / "flagged"


def test_variables_of_the_client_and_of_the_checks_are_none_of_the_servers() -> None:
    environment = {"HUBBUB_CHAT_COLOR": "red", "HUBBUB_TEST_LONG": "1", "PATH": "/bin"}
    environment |= {"HUBBUB_SERVER": "chat.example.org", "HUBBUB_USER": "ada"}
    assert read(environment=environment) == Settings()


# What is said of a wrong one

PORTS = "Allowed: a whole number from 0 to 65,535 (0: any free port)."


def test_a_wrong_flag_is_refused_with_its_name_value_source_and_what_is_allowed() -> None:
    assert refusal("--port", "99999") == f"--port cannot be '99999' (on the command line). {PORTS}"


def test_a_wrong_variable_is_refused_with_its_name_value_source_and_what_is_allowed() -> None:
    said = refusal(environment={"HUBBUB_PORT": "many"})
    assert said == f"HUBBUB_PORT cannot be 'many' (in the environment). {PORTS}"


def test_a_wrong_line_of_the_file_is_refused_with_its_name_value_source_and_what_is_allowed(
    folder: Path,
) -> None:
    path = write(folder, "port = -1")
    assert refusal(folder=folder) == f"port cannot be '-1' (in {path}). {PORTS}"


def test_a_bus_is_for_servers_with_one_database() -> None:
    database = ("--database", "postgresql://u:hidden@h/d")
    assert read(*database, "--bus", "nats://a,nats://b").bus == "nats://a,nats://b"
    assert read(*database).bus == ""
    said = refusal("--bus", "nats://u:hidden@a")
    assert said == (
        "--bus is for several servers with one database. Set --database, too, or no bus."
    )


def test_a_wrong_address_is_shown_without_what_one_logs_in_with() -> None:
    said = refusal(environment={"HUBBUB_BUS": "nats://u:hid/d@en@a,tls://v:hidden@b"})
    assert "hid" not in said
    assert said.startswith("HUBBUB_BUS cannot be 'nats://…@a,tls://…@b' (in the environment).")
    assert "hidden" not in refusal("--database", "postgre://u:hidden@h/d")


@pytest.mark.parametrize("name", kinds())
def test_a_default_is_among_what_is_allowed(name: str) -> None:
    default = getattr(Settings(), name)
    kind = kinds()[name]
    if default is not None:
        assert kind.parse(kind.show(default)) == default


@pytest.mark.parametrize(
    "line", ["port = true", "port = [1]", "port = {a = 1}", "port = 2024-01-01"]
)
def test_what_no_setting_can_be_is_refused(folder: Path, line: str) -> None:
    path = write(folder, line)
    said = refusal(folder=folder)
    assert said.startswith("port cannot be ")
    assert said.endswith(f" (in {path}). {PORTS}")


def test_what_is_wrong_is_said_as_it_was_written(folder: Path) -> None:
    write(folder, "port = true")
    assert refusal(folder=folder).startswith("port cannot be true ")


def test_a_long_wrong_value_is_cut_in_the_message() -> None:
    assert len(refusal("--port", "9" * 10_000)) < 300


def test_an_unknown_key_is_refused_with_the_nearest_name(folder: Path) -> None:
    path = write(folder, "history-on-jion = 5")
    said = refusal(folder=folder)
    assert said == f"history-on-jion in {path} is no setting. Did you mean history-on-join?"


def test_an_unknown_variable_is_refused_with_the_nearest_name() -> None:
    said = refusal(environment={"HUBBUB_RATE_LIMITS": "5"})
    assert said == (
        "HUBBUB_RATE_LIMITS in the environment is no setting. Did you mean HUBBUB_RATE_LIMIT?"
    )


def test_a_setting_whose_name_begins_as_a_variable_of_the_clients_does_is_a_setting() -> None:
    environment = {"HUBBUB_SERVER": "chat.example.org", "HUBBUB_SERVER_NAME": "Tea"}
    assert read(environment=environment).server_name == "Tea"
    assert "no setting" in refusal(environment={"HUBBUB_SERVERS": "chat.example.org"})


def test_an_unknown_flag_is_refused_with_the_nearest_name() -> None:
    assert refusal("--prot", "1") == "Unknown option: --prot. Did you mean --port?"


def test_a_name_like_no_other_is_refused_with_where_all_are(folder: Path) -> None:
    path = write(folder, "zzz = 5")
    said = refusal(folder=folder)
    assert said == f"zzz in {path} is no setting. See `hubbub serve --help` for all of them."


def test_the_file_cannot_name_another_file(folder: Path) -> None:
    write(folder, "config = 'other.toml'")
    assert "config in " in refusal(folder=folder)


def test_a_file_that_is_no_toml_is_refused_with_the_place(folder: Path) -> None:
    path = write(folder, "port = 1\nport 2")
    said = refusal(folder=folder)
    assert said.startswith(f"{path} is not written as TOML is: ")
    assert "line 2" in said


def test_a_file_that_is_no_text_is_refused(folder: Path) -> None:
    path = folder / "hubbub.toml"
    path.write_bytes(b"\xff\xfe")
    assert refusal(folder=folder).startswith(f"{path} is not written as TOML is: ")


def test_a_file_that_is_not_there_is_refused() -> None:
    assert refusal("--config", "/nowhere/hubbub.toml") == (
        "--config cannot be '/nowhere/hubbub.toml' (on the command line). "
        "There is no such file. Allowed: a file that is there."
    )


def test_a_data_folder_that_is_a_file_is_refused(folder: Path) -> None:
    path = write(folder, "")
    assert "That is a file." in refusal("--data", str(path))


def test_a_client_that_could_answer_no_ping_in_time_is_not_asked_for_one(folder: Path) -> None:
    path = write(folder, "ping-seconds = 60")
    assert refusal(folder=folder) == (
        f"--idle-seconds 45 (the default) must be more than --ping-seconds 60 (in {path}): "
        "nobody could answer a ping in time."
    )


def test_a_line_must_take_the_longest_message() -> None:
    assert refusal("--line-bytes", "4 KiB", environment={"HUBBUB_TEXT_CHARS": "2000"}) == (
        "--line-bytes 4 KiB (on the command line) is too little for --text-chars 2000 "
        "(in the environment): a line must take the longest message. "
        "Allowed with it: 9024 bytes or more."
    )


# How values are written


@pytest.mark.parametrize(
    "raw, size",
    [("65536", 65536), ("64 KiB", 65536), ("64kib", 65536), ("1MiB", 1 << 20), ("40000 B", 40000)],
)
def test_a_size_is_a_number_of_bytes_with_or_without_a_unit(raw: str, size: int) -> None:
    assert read("--outbox-bytes", raw).outbox_bytes == size


@pytest.mark.parametrize("raw", ["64 KB", "64k", "1.5 MiB", "-1", "", "1 GiB", "15 KiB"])
def test_what_is_no_size_or_out_of_bounds_is_refused(raw: str) -> None:
    assert "Allowed: a size from 16 KiB to 64 MiB." in refusal(f"--outbox-bytes={raw}")


def test_a_size_in_the_file_may_be_a_number_or_a_text(folder: Path) -> None:
    write(folder, "outbox-bytes = 65536\nline-bytes = '64 KiB'")
    settings = read(folder=folder)
    assert settings.outbox_bytes == settings.line_bytes == 65536


def test_a_duration_may_have_a_fraction(folder: Path) -> None:
    write(folder, "name-seconds = 7.5")
    assert read(folder=folder).name_seconds == 7.5


@pytest.mark.parametrize("raw", ["nan", "inf", "-inf", "1e999", "5s", "0", "4.9", "3601"])
def test_what_is_no_duration_or_out_of_bounds_is_refused(raw: str) -> None:
    assert "Allowed: a number from 5 to 3,600 seconds." in refusal(f"--name-seconds={raw}")


@pytest.mark.parametrize("raw, events", [("all", ALL_HISTORY), ("ALL", ALL_HISTORY), ("0", 0)])
def test_history_on_join_is_a_number_or_all(raw: str, events: int) -> None:
    assert read("--history-on-join", raw).history_on_join == events


def test_the_number_that_means_all_is_not_to_be_written() -> None:
    assert refusal("--history-on-join=-1").endswith(
        "Allowed: a whole number from 0 to 1,000,000, or all."
    )


def test_why_a_network_is_none_is_a_sentence_before_what_is_allowed() -> None:
    assert "or IPv6 network. Allowed: an address" in refusal("--trusted-proxies", "10.0.0.0/33")


def test_one_of_a_few_words_is_found_whatever_its_case() -> None:
    assert read("--durability", "Process").durability == "process"
    assert refusal("--durability", "half").endswith("Allowed: full or process.")
    assert refusal("--metrics", "some").endswith("Allowed: loopback, all or off.")


def test_a_list_has_commas_or_is_a_list_of_toml(folder: Path) -> None:
    write(folder, 'allowed-hosts = ["chat.example", "Chat.Example.", "b.example"]')
    assert read(folder=folder).allowed_hosts == ("chat.example", "b.example")
    assert read("--allowed-hosts", "a.example, b.example").allowed_hosts == (
        "a.example",
        "b.example",
    )
    assert read(environment={"HUBBUB_ALLOWED_HOSTS": ""}).allowed_hosts == ()


@pytest.mark.parametrize(
    "raw, origin",
    [
        ("https://Chat.Example", "https://chat.example"),
        ("https://chat.example:443/", "https://chat.example"),
        ("http://chat.example:443", "http://chat.example:443"),
        ("http://[::1]:8080", "http://[::1]:8080"),
        ("http://192.0.2.1", "http://192.0.2.1"),
    ],
)
def test_an_origin_is_kept_as_browsers_write_it(raw: str, origin: str) -> None:
    assert read("--allowed-origins", raw).allowed_origins == (origin,)


@pytest.mark.parametrize(
    "raw", ["chat.example", "https://", "https://a/b", "ftp://a", "*", "https://a b", "null"]
)
def test_what_is_no_origin_is_refused(raw: str) -> None:
    assert "an origin such as https://chat.example.org" in refusal("--allowed-origins", raw)


@pytest.mark.parametrize(
    "raw, host",
    [
        ("0.0.0.0", "0.0.0.0"),
        ("::", "::"),
        ("[::1]", "::1"),
        ("localhost", "localhost"),
        ("my_box.lan", "my_box.lan"),
    ],
)
def test_a_host_is_an_address_or_a_name(raw: str, host: str) -> None:
    assert read("--host", raw).host == (host,)


@pytest.mark.parametrize(
    "flags", [["--host", "127.0.0.1", "--host", "::1"], ["--host", "127.0.0.1, [::1]"]]
)
def test_hosts_are_as_many_as_one_likes(flags: list[str]) -> None:
    assert read(*flags).host == ("127.0.0.1", "::1")


@pytest.mark.parametrize(
    "raw", ["", ",", "a b", "::1,a b", "http://localhost", "localhost:8080", "-a", "a..b"]
)
def test_what_is_no_host_is_refused(raw: str) -> None:
    assert "an IP address or a host name, without a port" in refusal(f"--host={raw}")


def test_the_first_room_is_a_rooms_name_or_none() -> None:
    assert read("--first-room", "#Lobby").first_room == "Lobby"
    assert read("--first-room", "").first_room == ""
    assert 'A room name cannot have a space (character 4). "the-pub" would do.' in refusal(
        "--first-room", "the pub"
    )


def test_the_servers_name_is_on_one_line_and_seen() -> None:
    assert read("--server-name", "Ada's pub").server_name == "Ada's pub"
    for raw in ("", "a\nb", "a" * 65):
        assert "1 to 64 characters" in refusal(f"--server-name={raw}")


# Who could have written the file


@pytest.mark.skipif(os.name != "posix", reason="files have no such modes there")
def test_a_file_that_others_may_write_is_not_obeyed(folder: Path) -> None:
    path = write(folder, "port = 1")
    path.chmod(0o666)
    assert refusal(folder=folder) == (
        f"{path} is not obeyed: others on this computer can change it (mode 666). "
        f"Read it, and if what it says is right: chmod go-w {path}"
    )
    assert "can change it" in refusal("--config", str(path), folder=folder)
    path.chmod(0o644)
    assert read(folder=folder).port == 1


@pytest.mark.skipif(os.name != "posix", reason="files have no such modes there")
def test_a_file_in_a_folder_that_others_may_write_in_is_not_obeyed(folder: Path) -> None:
    path = write(folder, "port = 1")
    (folder / "link.toml").symlink_to(path)
    elsewhere = folder / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "link.toml").symlink_to(path)
    folder.chmod(0o777)
    for named in (path, elsewhere / "link.toml"):
        said = refusal("--config", str(named))
        assert "others on this computer can put another file in its place" in said
        assert f"chmod go-w {folder}" in said
    folder.chmod(0o1777)  # as /tmp is: there, others cannot replace what is ours
    assert read(folder=folder).port == 1


def test_a_strangers_file_is_not_obeyed(folder: Path) -> None:
    path = write(folder, "port = 1")
    give_away(path)
    assert f"{path} is not obeyed: it belongs to user 12345" in refusal(folder=folder)


def test_a_strangers_link_is_not_obeyed(folder: Path) -> None:
    path = write(folder, "port = 1")
    (folder / "link.toml").symlink_to(path)
    give_away(folder / "link.toml")
    assert "it belongs to user 12345" in refusal("--config", str(folder / "link.toml"))


def test_a_file_on_a_disk_for_reading_only_is_obeyed(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So a container is given its settings, with a mode of 777 on the way to them."""
    write(folder, "port = 1")
    folder.chmod(0o777)
    monkeypatch.setattr(os, "statvfs", lambda _: SimpleNamespace(f_flag=os.ST_RDONLY))
    assert read(folder=folder).port == 1


def test_a_byte_order_mark_is_no_part_of_the_file(folder: Path) -> None:
    write(folder, "\ufeffport = 1")
    assert read(folder=folder).port == 1


# Where the data is


def test_who_has_no_home_folder_has_no_default(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("HOME", raising=False)
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    monkeypatch.setattr("os.path.expanduser", lambda path: path)
    assert default_data_folder(tmp_path) is None


def test_a_source_checkout_keeps_its_data_beside_the_code(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").touch()
    assert default_data_folder(tmp_path) == tmp_path / "data"
    assert Settings().data == Path(__file__).parents[1] / "data"


def test_what_is_installed_keeps_its_data_with_the_users(tmp_path: Path) -> None:
    data = default_data_folder(tmp_path)
    assert data is not None
    assert data.name == "hubbub"
    assert tmp_path not in data.parents


# What becomes of them


def test_the_hub_and_the_connections_use_the_settings_as_they_were_read() -> None:
    settings = read("--rooms", "11", "--outbox-bytes", "65536", "--sessions-per-address", "0")
    hub: HubSettings = settings
    connections: Options = settings
    assert (hub.rooms, hub.by_client) == (11, False)
    assert (connections.outbox_bytes, connections.sessions_per_address) == (65536, 0)


def test_the_defaults_are_those_of_the_hub_and_the_server() -> None:
    for part in (HubSettings(), Options()):
        assert {name: getattr(Settings(), name) for name in asdict(part)} == asdict(part)


def test_a_field_that_declares_no_setting_is_noticed() -> None:
    with pytest.raises(TypeError, match="declares no setting"):
        setting_of(int)


def test_settings_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        Settings().port = 1  # type: ignore[misc]
    assert replace(Settings(), port=1).port == 1


# What is written about them


def test_every_setting_is_documented_with_its_flag_variable_default_and_bounds() -> None:
    assert table() in DOCUMENT.read_text(encoding="utf-8"), (
        "docs/configuration.md is not what the settings are: put the output of "
        "`python -m tools.settings_table` into it"
    )


def test_the_table_has_every_setting() -> None:
    rows = re.findall(r"^\| `--([a-z-]+)`<br>`HUBBUB_([A-Z_]+)` \|", table(), re.MULTILINE)
    names = [field.name for field in fields(Settings)]
    assert sorted(flag.replace("-", "_") for flag, _ in rows) == sorted(names)
    assert sorted(variable.lower() for _, variable in rows) == sorted(names)


def test_the_files_in_the_document_are_ones_that_can_be_used(folder: Path) -> None:
    text = "\n".join(page.read_text(encoding="utf-8") for page in (DOCUMENT, HOSTING))
    examples = re.findall(r"```toml\n(.*?)```", text, re.DOTALL)
    assert len(examples) >= 4
    for example in examples:
        for name in re.findall(r'"/etc/hubbub/([^"]+\.pem)"', example):
            (folder / name).touch()  # what is there on the computer that it is for
        write(folder, example.replace('"/etc/hubbub/', '"'))
        settings = read(folder=folder)
        for key in tomllib.loads(example):
            assert getattr(settings, key.replace("-", "_")) != getattr(
                Settings(), key.replace("-", "_")
            ), f"{key} is set to its default"


def test_only_the_data_folders_default_depends_on_the_machine() -> None:
    depends = [field.name for field in fields(Settings) if field.default is MISSING]
    assert depends == ["data"]
